"""What runs the tile: the bus, its registers and the sequencer."""
