"""What compares face templates."""
