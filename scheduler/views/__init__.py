"""A timeline as a table, NDJSON, JSON or CSV."""
