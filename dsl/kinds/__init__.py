"""Every kind of statement: its table of clauses and settings, and how it lowers."""
