"""Trainers make one model from rows of data. torch is imported inside their functions only."""
