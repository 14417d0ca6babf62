"""The formatter: one way to write each plan. It moves blanks and line breaks and nothing else."""
