"""`python -m workqueue_spec` does what `./spec` does."""

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until `main`: no traceback from the middle of an import
    from workqueue_spec.commands.entry import main

    main()
