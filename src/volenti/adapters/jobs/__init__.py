"""What runs work: here, or in other processes."""
