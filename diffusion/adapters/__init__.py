"""What changes a network from outside: weights that are added to its own, and vectors for new words."""
