"""What differs between two plans, said in words of the plan: never layout, comments or order."""
