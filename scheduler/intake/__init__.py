"""HOW jobs come in: bytes to jobs, or all the problems."""
