"""The commands `plan` and `shards`: what planning finds, as words and tables, as JSON, charts and a page."""
