"""Formal proofs of the blocks: properties, planted faults, and the tools that decide them."""
