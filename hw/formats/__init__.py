"""Number formats as Amaranth shapes, and the checked connection."""
