"""The broker's URL, changed before a program is given it."""

import re
from collections.abc import Callable
from urllib.parse import quote


def with_login(user: str, password: str, virtual_host: str) -> Callable[[str], str]:
    """Makes the same URL with this user, password and virtual host, percent-encoded."""
    credentials, path = f"{quote(user, safe='')}:{quote(password, safe='')}", quote(virtual_host, safe="")
    return lambda url: re.sub(r"://(?:[^@/]*@)?([^/]*).*", rf"://{credentials}@\1/{path}", url)


def with_password(password: str) -> Callable[[str], str]:
    """Makes the same URL with another password."""
    return lambda url: re.sub(r"://([^:@/]*)(:[^@/]*)?@", rf"://\1:{password}@", url)


def with_a_port_that_is_no_number(url: str) -> str:
    """The same URL, with the word `port` for its port."""
    return re.sub(r":\d+(?=/|$)", ":port", url)


def with_query(name: str, value: object) -> Callable[[str], str]:
    """Makes the same URL with one more query parameter."""
    return lambda url: f"{url}{'&' if '?' in url else '?'}{name}={value}"
