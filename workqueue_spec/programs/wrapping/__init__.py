"""How a text is wrapped in a message: the common ways, and a producer's own, told from what it published."""
