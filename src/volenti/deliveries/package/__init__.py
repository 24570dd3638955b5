"""Packages: pictures of the parts of an external run, for a machine that trains them, and the way back."""
