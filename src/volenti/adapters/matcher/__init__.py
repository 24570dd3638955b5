"""Matchers of face templates."""
