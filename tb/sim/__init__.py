"""The main job, ``make sim``: the RTL regression, then a trained network through the RTL."""
