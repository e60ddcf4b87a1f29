"""A login whose parts have to be percent-encoded in a URL, and what a program gives the broker from it."""

import secrets

from ..judgement.verdicts import NotJudged, judge
from ..judgement.verdicts.lifecycle import percent_decoded
from .bench import Bench
from .faults import Login
from .urls import with_login


class EncodedLogin:
    """A user, a password and a virtual host that a URL can hold only percent-encoded, and a broker that lets every
    program in.
    """

    def __init__(self, bench: Bench) -> None:
        """Raises NotJudged if the profile makes the program's URL of placeholders."""
        if bench.subject.makes_a_url_of_placeholders:
            raise NotJudged("the profile makes a URL of placeholders, whose values are not percent-encoded")
        self._mark = secrets.token_hex(8)
        self._user = f"me@home/{self._mark}"
        self._password = f"p@ss:w/rd %41+?#{self._mark}"
        self._virtual_host = f"/tasks of {self._mark}"
        self.into_url = with_login(self._user, self._password, self._virtual_host)
        """Makes the program's URL from the right one."""
        self.fault = Login(bench.broker.address.user, bench.broker.address.password)
        """The fault for the program's tap."""

    def is_given_decoded(self) -> None:
        """Judges each part that the program has given the broker and took from its URL. Raises NotJudged if it took
        none.
        """
        given = {
            "user": (self._user, self.fault.given),
            "password": (self._password, self.fault.given),
            "virtual host": (self._virtual_host, self.fault.virtual_host),
        }
        if not self.fault.happened_at:
            judge(percent_decoded("user", self._user, "no login at all"))
        taken = [part for part, (_, seen) in given.items() if self._mark in seen]
        if not taken:
            raise NotJudged("the program takes neither user nor password nor virtual host from its URL")
        for part in taken:
            judge(percent_decoded(part, *given[part]))
