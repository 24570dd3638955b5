"""Ways for letters: by SMTP, or into a folder."""
