"""Power of mapped netlists at the activity that a simulation of them measured."""
