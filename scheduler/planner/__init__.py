"""The command `plan`: what planning finds, as words and tables, as JSON, charts and a page."""
