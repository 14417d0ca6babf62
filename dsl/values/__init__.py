"""Plain values at run time: expressions, texts, filters, schemas and strict JSON."""
