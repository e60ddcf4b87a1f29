"""The world of one test: the parties, the broker they meet at, and the faults between them."""
