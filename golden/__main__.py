"""``python -m golden``: sample arrays, measure drift and programming."""

from golden.command import main

if __name__ == "__main__":
    main()
