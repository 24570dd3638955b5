"""Registers: stores of rows."""
