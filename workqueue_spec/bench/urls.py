"""The broker's URL, changed before a producer is given it."""

import re
from collections.abc import Callable


def with_password(password: str) -> Callable[[str], str]:
    """Makes the same URL with another password."""
    return lambda url: re.sub(r"://([^:@/]*)(:[^@/]*)?@", rf"://\1:{password}@", url)


def with_a_port_that_is_no_number(url: str) -> str:
    """The same URL, with the word `port` for its port."""
    return re.sub(r":\d+(?=/|$)", ":port", url)
