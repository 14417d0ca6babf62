"""A checked tree to a plan: prompts, settings, nodes and stages."""
