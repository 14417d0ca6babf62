"""What an editor asks about a file: pure answers to offsets, from the same check that the command line makes."""
