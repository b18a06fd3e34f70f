"""Golden model: the analog array in float, the digital periphery in exact integers."""
