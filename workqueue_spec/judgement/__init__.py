"""What was seen, and the verdicts on it."""
