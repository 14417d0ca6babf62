"""A journal that outlives the process: entries in a store, written by one thread, read back when a run goes on."""
