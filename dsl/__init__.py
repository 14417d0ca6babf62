"""The language: text to tokens, tree, checked program, plan. Pure: no clock, no network, no I/O but the files given."""
