"""Stores of a transparency log's files, and reading a published log."""
