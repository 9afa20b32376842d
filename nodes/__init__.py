"""The built-in nodes. Each is a few lines between graph and library; importing them imports no torch."""
