"""Profiles: how a program differs from the contract, read from a file and found out by trying the program."""

from .reading import Profile, read

__all__ = ["Profile", "read"]
