"""The program under test: its description, its installation, its processes."""
