"""Copies: whether a picture is a third party's work."""
