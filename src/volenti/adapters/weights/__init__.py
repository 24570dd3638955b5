"""Fetching and checking the models' weights."""
