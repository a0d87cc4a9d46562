"""How well it works: metrics as functions, one command that measures the shipped code, and the tables it prints."""
