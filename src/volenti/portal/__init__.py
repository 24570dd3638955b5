"""The portal: how people who were photographed get in to what is theirs, without an account."""
