"""Tests of `./spec compare`."""
