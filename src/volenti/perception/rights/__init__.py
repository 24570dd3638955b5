"""Rights: what a file, its sidecars and its folder say about using it."""
