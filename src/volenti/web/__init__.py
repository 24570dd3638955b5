"""The web application: what the front door can do, as pages for people who open no terminal."""
