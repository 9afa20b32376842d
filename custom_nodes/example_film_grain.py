"""An example of a pack: one node, ready to copy. tests/nodes/test_custom_nodes.py runs it."""

from typing import Annotated

from graph import Range, Seed, node
from nodes.types import Image


@node(category="image/effects", search=("noise", "analogue"))
def example_film_grain(
    image: Image,
    amount: Annotated[float, Range(0, 1, 0.01, slider=True), "0 changes nothing"] = 0.1,
    seed: Seed = 0,
) -> Image:
    """Add seeded monochrome grain."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    grain = torch.randn(image.shape[:3], generator=generator)
    return (image + amount * grain[..., None]).clamp(0, 1)
