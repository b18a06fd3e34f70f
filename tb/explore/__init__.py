"""``make explore``: what lanes, formats, rounding and pipelines cost, and what they give."""
