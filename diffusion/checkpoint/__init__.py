"""Reading checkpoints: files, architecture detection and key maps."""
