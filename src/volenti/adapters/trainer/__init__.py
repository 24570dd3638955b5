"""What trains slices and draws."""
