"""A URL whose parts need percent-encoding, and what a program makes of it."""

import secrets

from ..judgement.verdicts import NotJudged, judge
from ..judgement.verdicts.lifecycle import percent_decoded
from .bench import Bench
from .faults import Login, with_login


class EncodedUrl:
    """User, password and virtual host that no URL can hold as they are, and a broker that lets in whoever comes.

    Raises NotJudged if the profile makes a URL of its own from places.
    """

    def __init__(self, bench: Bench) -> None:
        if bench.subject.makes_a_url_of_places:
            raise NotJudged("the profile makes a URL of places, which stand in it as they are, not encoded")
        self._mark = secrets.token_hex(8)
        self._user = f"me@home/{self._mark}"
        self._password = f"p@ss:w/rd %41+?#{self._mark}"
        self._virtual_host = f"/tasks of {self._mark}"
        self.of = with_login(self._user, self._password, self._virtual_host)
        """Makes it from the right URL."""
        self.login = Login(bench.broker.address.user, bench.broker.address.password)
        """To be laid on the program's tap."""

    def is_taken_decoded(self) -> None:
        """Judges what the program has shown of each part, of those that it takes from its URL at all."""
        shown = {
            "user": (self._user, self.login.shown),
            "password": (self._password, self.login.shown),
            "virtual host": (self._virtual_host, self.login.virtual_host),
        }
        if not self.login.came:
            judge(percent_decoded("user", self._user, "no login at all"))
        taken = [part for part, (_, seen) in shown.items() if self._mark in seen]
        if not taken:
            raise NotJudged("the program takes neither user nor password nor virtual host from its URL")
        for part in taken:
            judge(percent_decoded(part, *shown[part]))
