"""Personal data in a plan: where it comes in, what is made of it, and whether it would leave."""
