"""Making the environment the project runs in."""
