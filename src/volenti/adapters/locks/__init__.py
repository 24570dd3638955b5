"""Locks: only one process or thread at a time may do something."""
