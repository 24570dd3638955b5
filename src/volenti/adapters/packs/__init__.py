"""Stores of sealed bytes."""
