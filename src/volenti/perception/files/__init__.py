"""Files as they are given: opening them in bounded memory, reading their metadata, and stripping it."""
