"""The digit classifier through the RTL."""
