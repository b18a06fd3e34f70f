"""Column counts, from the converters of the array to the lanes."""
