"""What call-scheduler costs, as ratios to named peers in the same run: `python -m benchmarks`, see README.md."""
