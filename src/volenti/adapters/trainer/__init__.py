"""Trainers of slices, which also draw."""
