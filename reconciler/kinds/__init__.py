"""What the dialler manages: a page per kind, read by code that knows no kind by name."""
