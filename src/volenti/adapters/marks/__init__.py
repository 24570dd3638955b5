"""Readers of owners' marks in pictures."""
