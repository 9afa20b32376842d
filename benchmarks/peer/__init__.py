"""Measuring ours beside another implementation: same weights and inputs, in turn, in one process."""
