"""What reads owners' marks in pictures."""
