"""Program-and-verify as the tile's engine does it: row by row, exact in results and clocks."""
