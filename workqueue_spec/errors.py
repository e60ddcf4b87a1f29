"""The error that ends a run before a clause could be judged."""


class SetupError(Exception):
    """The run cannot be done as it was asked for.

    The text is one sentence for the user at the terminal: what is wrong, and what to do. It may be followed by the
    last lines of a log.
    """
