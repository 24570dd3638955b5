"""Where a transparency log's entries lie, and how they are fetched."""
