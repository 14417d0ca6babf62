"""The engine: a plan becomes events. It knows ports (backend, journal, clock), never a concrete backend or a view."""
