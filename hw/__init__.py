"""The RTL generators, in Amaranth."""
