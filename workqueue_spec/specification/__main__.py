"""Writes SPEC.md."""

from .document import main

if __name__ == "__main__":
    main()
