"""Stores of people's keys."""
