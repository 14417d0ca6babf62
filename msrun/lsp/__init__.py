"""The editor's server: the Language Server Protocol around the pure answers of `msrun.dsl.assist`."""
