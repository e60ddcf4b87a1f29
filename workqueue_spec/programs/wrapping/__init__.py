"""How a producer wraps a text in a message, as its published messages show."""
