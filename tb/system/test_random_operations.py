"""Random operations on a whole tile, for a short time; ``make regress`` has many more."""

from tb.random_operations.run import run_seed

OPERATIONS = 3000


def test_random_operations():
    run = run_seed(100, OPERATIONS)
    assert run["operations"] >= OPERATIONS
    assert run["refused"] > 100
