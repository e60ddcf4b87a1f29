"""`python -m workqueue_spec` does what `./spec` does."""

from .commands.entry import main

if __name__ == "__main__":
    main()
