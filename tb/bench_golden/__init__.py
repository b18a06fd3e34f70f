"""``make bench-golden``: the golden array against published forms, a table, aihwkit and a clock."""
