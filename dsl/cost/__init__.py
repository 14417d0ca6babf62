"""What a plan will take before it runs: calls, tokens, money and time, from its text and a catalogue of models."""
