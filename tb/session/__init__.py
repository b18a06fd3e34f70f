"""A whole session of a host with one tile, from new converters to an array that is a day old."""
