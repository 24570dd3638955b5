"""Sight: who is in a picture, how surely, and who they are."""
