"""WHEN dials happen: jobs in, a timeline of dials out."""
