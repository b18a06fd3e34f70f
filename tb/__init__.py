"""Test benches, figures and the tools around them."""
