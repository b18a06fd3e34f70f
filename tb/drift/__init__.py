"""Ten years of drift: the engine in the RTL and in golden, errors of products, accuracy."""
