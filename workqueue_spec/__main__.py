"""`python -m workqueue_spec` is `./spec`."""

from .commands.entry import main

if __name__ == "__main__":
    main()
