"""What a user chooses for a sampling of their own: the sampler, and a model with how it is guided."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusion.sampling.guidance import Guider
    from diffusion.values import Model


@dataclass(frozen=True, eq=False)
class GuidedModel:
    """A model and how to mix what it sees: what a GUIDER wire carries."""

    model: "Model"
    guider: "Guider"
