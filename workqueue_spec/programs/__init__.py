"""A program under test: its commands, and how it differs from the contract."""
