"""Mistakes that people make in plans, made by a script: each operator breaks a good plan in one place."""
