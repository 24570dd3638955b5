"""Where the face models' weights come from."""
