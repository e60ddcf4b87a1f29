"""What passed a tap, as a file for Wireshark: each connection of a program is a TCP stream to port 5672.

The bytes are those that the program itself sent and got. No library serves here: scapy takes 3 ms for a packet,
which would delay what passes; dpkt has had no release since 2022, and no types; python-pcapng knows no TCP.
"""

from .capture import Capture

__all__ = ["Capture"]
