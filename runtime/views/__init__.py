"""Views are folds over a run's events: what is going on, drawn for a person or written for a program."""
