"""The HTTP API: what other systems do with the workspace, under /api/v1, by the verbs of the front door."""
