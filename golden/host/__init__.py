"""What the host of a tile computes: words to write, and what to make of the words read back."""
