"""What sets pages."""
