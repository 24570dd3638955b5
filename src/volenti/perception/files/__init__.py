"""Files as they are given: opened in bounded memory, what they say about themselves, and stripped of it."""
