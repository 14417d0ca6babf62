"""The shape of every expression, and what does not fit."""
