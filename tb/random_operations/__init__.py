"""Random operations on a whole tile: what its host and its streams may do, in any order."""
