"""The Stable Diffusion library: networks, checkpoints and sampling in PyTorch. It knows no graph."""
