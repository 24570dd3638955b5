"""Users: who works with the workspace in the web application, and as what."""
