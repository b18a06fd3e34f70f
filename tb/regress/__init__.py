"""The wide regression: what takes too long for every test run, and the figures it gives."""
