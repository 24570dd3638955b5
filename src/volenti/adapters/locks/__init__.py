"""What lets one at a time go on."""
