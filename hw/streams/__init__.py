"""The edges of the tile: AXI4-Stream and AXI4-Lite, and what adapts them."""
