"""A tree to findings: names, their uses, and the pass over a whole program."""
