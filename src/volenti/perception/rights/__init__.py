"""Rights: what a file, its sidecars and its folder say may be done with it."""
