"""Knowledge bases: texts of a folder cut into passages, compared by words or vectors, and searched."""
