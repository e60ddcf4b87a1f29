"""`./spec tap`: a proxy between programs and a broker that prints what passes and makes faults, to debug with.

It is the wiretap alone, without a test. `lines.py` makes the lines, `output.py` brings them to the terminal
without blocking the proxy, `faults.py` installs the faults that the command line asks for.
"""
