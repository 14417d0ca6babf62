"""Backends answer one call to a model. They know the plan's data and their own port, nothing of the runtime."""
