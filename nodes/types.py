"""The types of wires, to annotate nodes with; docs/data.md says what they hold."""

from collections.abc import Mapping
from typing import Annotated, Any

from graph import SocketType, conversion
from graph.sockets import Fact

IMAGE = SocketType("IMAGE", "#64b5f6", "I")
MASK = SocketType("MASK", "#81c784", "M")
LATENT = SocketType("LATENT", "#ff9cf9", "L")
CONDITIONING = SocketType("CONDITIONING", "#ffa931", "C")
MODEL = SocketType("MODEL", "#b39ddb", "D")
CLIP = SocketType("CLIP", "#ffd500", "P")
VAE = SocketType("VAE", "#ff6e6e", "V")
UPSCALE_MODEL = SocketType("UPSCALE_MODEL", "#4db6ac", "U")
CONTROL_NET = SocketType("CONTROL_NET", "#6ee7b7", "K")
SAMPLER = SocketType("SAMPLER", "#ecb4b4", "S")
SIGMAS = SocketType("SIGMAS", "#cdffcd", "Σ")
NOISE = SocketType("NOISE", "#b0b0b0", "N")
GUIDER = SocketType("GUIDER", "#66ffff", "G")
CLASSIFIER = SocketType("CLASSIFIER", "#90caf9", "B")
LATENT_OPERATION = SocketType("LATENT_OPERATION", "#f48fb1", "O")
DEPTH_MODEL = SocketType("DEPTH_MODEL", "#a1887f", "Z")
EDGE_MODEL = SocketType("EDGE_MODEL", "#dce775", "E")
SAFETY_MODEL = SocketType("SAFETY_MODEL", "#ef9a9a", "W")

# The values are torch tensors and values of `diffusion`, which nodes meet only when they run.
Image = Annotated[Any, IMAGE]
Mask = Annotated[Any, MASK]
Latent = Annotated[Any, LATENT]
Conditioning = Annotated[Any, CONDITIONING]
Model = Annotated[Any, MODEL]
Clip = Annotated[Any, CLIP]
Vae = Annotated[Any, VAE]
UpscaleModel = Annotated[Any, UPSCALE_MODEL]
ControlNet = Annotated[Any, CONTROL_NET]
Sampler = Annotated[Any, SAMPLER]
Sigmas = Annotated[Any, SIGMAS]
Noise = Annotated[Any, NOISE]
Guider = Annotated[Any, GUIDER]
Classifier = Annotated[Any, CLASSIFIER]
LatentOperation = Annotated[Any, LATENT_OPERATION]
DepthModel = Annotated[Any, DEPTH_MODEL]
EdgeModel = Annotated[Any, EDGE_MODEL]
SafetyModel = Annotated[Any, SAFETY_MODEL]


def grey_facts(mask: Mapping[str, Fact]) -> Mapping[str, Fact]:
    """What is known of a picture made of a mask."""
    return {**mask, "channels": 3}


@conversion(MASK, IMAGE, carry=grey_facts)
def mask_to_image(mask: Any) -> Any:
    """A mask as a grey picture."""
    return mask[..., None].repeat(1, 1, 1, 3)
