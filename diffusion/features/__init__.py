"""What people add to a model without training: patches of its network and steerings of its answers."""
