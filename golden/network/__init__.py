"""A trained classifier of handwritten digits, and the images to run through it."""
