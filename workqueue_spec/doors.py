"""A door before the broker: while it is shut, whoever connects is let in and thrown out again."""

from collections.abc import Sequence

from .wiretap import Frame, Line, Side, only


class Door:
    """Shut at first. Its rule is laid on a tap."""

    def __init__(self) -> None:
        self._shut = True

        @only("ProtocolHeader", sender=Side.CLIENT, once=True)
        def rule(line: Line, sender: Side, frame: Frame) -> Sequence[bytes] | None:
            if not self._shut:
                return None
            line.cut(reset=True)
            return []

        self.rule = rule

    def open(self) -> None:
        """Lets everybody in who comes from now on."""
        self._shut = False
