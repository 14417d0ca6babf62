"""Sessions: what a conversation keeps between its turns, and the stores that keep it."""
