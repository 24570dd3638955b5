"""What reads content credentials."""
