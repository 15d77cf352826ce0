"""What `diff` does: two campaigns, requests, timelines or golden files, and what is different."""
