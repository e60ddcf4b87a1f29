"""What ends a run before anything could be judged."""


class SetupError(Exception):
    """The run cannot go on as it was asked for.

    Its text is one sentence for the person at the terminal: what is wrong, and what to do about it.
    """
