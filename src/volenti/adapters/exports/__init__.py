"""Layouts of exports."""
