"""Typesetters of pages."""
