"""The values that travel on wires: models, encoders, latents, conditioning; docs/data.md describes each.

No value is ever changed in place; `with_…` returns a new one that shares the weights.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Self

from torch import Tensor

from diffusion.errors import Unsuitable
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.watching import Check, OnTile, silent, unstopped

if TYPE_CHECKING:
    from diffusion.models.clip import ClipText
    from diffusion.models.taesd import TinyAutoencoder
    from diffusion.models.tokenizer import Tokenizer
    from diffusion.models.unet import UNet
    from diffusion.models.vae import Autoencoder
    from diffusion.patches import Patch
    from diffusion.sampling.parts import Control
    from diffusion.sampling.steering import Steering

Prediction = Literal["eps", "v", "lcm", "x0", "img_to_img"]
Family = Literal["sd1", "sd2", "x4"]


@dataclass(frozen=True, eq=False)
class Model:
    """A denoising network and what is needed to ask it; patches are applied on top of the shared weights.

    `name` is that of the checkpoint: a preview decoder of this name shows its latents.
    """

    network: UNet = field(repr=False)
    prediction: Prediction = "eps"
    schedule: NoiseSchedule = field(default_factory=NoiseSchedule.scaled_linear)
    family: Family = "sd1"
    latent_channels: int = 4
    name: str = ""
    digest: str = ""
    patches: tuple[Patch, ...] = ()
    steerings: tuple[Steering, ...] = ()

    def with_patch(self, patch: Patch) -> Self:
        """The same weights with one more patch of the network, applied after the others."""
        return replace(self, patches=(*self.patches, patch))

    def with_steering(self, steering: Steering) -> Self:
        """The same network, with one more change of what its answers are mixed to."""
        return replace(self, steerings=(*self.steerings, steering))


@dataclass(frozen=True)
class Area:
    """A rectangle of a picture: in latent pixels, or in fractions of the picture where it is `relative`."""

    top: float
    left: float
    height: float
    width: float
    relative: bool = False

    def region(self, height: int, width: int) -> tuple[slice, slice]:
        """Its rows and columns in a picture of this size; both are empty where it lies outside."""
        tall, wide = (height, width) if self.relative else (1, 1)
        top, left = round(self.top * tall), round(self.left * wide)
        bottom = top + max(1, round(self.height * tall))
        right = left + max(1, round(self.width * wide))
        return slice(top, min(bottom, height)), slice(left, min(right, width))


@dataclass(frozen=True, eq=False)
class Cond:
    """One thing to steer towards: text vectors [1, L, D] and where, how strongly and when they apply.

    `mask` [1, H, W] scales the influence per pixel; `mask_bounds` computes only the rectangle around it.
    `start` and `end` are fractions of the way from pure noise to the picture, `steps` (from, to) counts the
    sampler's steps. Entries of the same `term` are averaged by `strength`; what each term adds to the
    negative side is summed with the weight in `term` (AND, arXiv 2206.01714).
    `concat` [1 or B, c, h, w] is what the network reads beside the latent (inpainting, depth, upscaling),
    `label` a class label (the noise level of the x4 upscaler's small picture).
    """

    tensor: Tensor
    pooled: Tensor | None = None
    area: Area | None = None
    mask: Tensor | None = None
    mask_bounds: bool = False
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    steps: tuple[int, int] | None = None
    term: tuple[int, float] = (0, 1.0)
    concat: Tensor | None = None
    label: int | None = None
    control: tuple[Control, ...] = ()


Conditioning = tuple[Cond, ...]


@dataclass(frozen=True, eq=False)
class Latent:
    """Pictures in the autoencoder's space: [B, C, h, w], scaled, float32, on the host.

    `noise_mask` [1 or B, H, W] is 1 where sampling may change the picture; `batch_index` says which picture
    of its original batch each one is, so that one of many can be made again alone.
    """

    samples: Tensor
    noise_mask: Tensor | None = None
    batch_index: tuple[int, ...] | None = None

    def with_samples(self, samples: Tensor) -> Self:
        """Other pictures under the same mask and indices."""
        return replace(self, samples=samples)


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """Turns prompts into conditioning. `layer` counts hidden states from the end; None is the model's own.

    Patches are applied on top of the shared weights.
    """

    network: ClipText = field(repr=False)
    tokenizer: Tokenizer
    family: Family = "sd1"
    layer: int | None = None
    digest: str = ""
    patches: tuple[Patch, ...] = ()

    def with_layer(self, stop_at_clip_layer: int) -> Self:
        """The same encoder read at another layer, -1 being the last."""
        layers = self.network.config.layers
        if not -layers <= stop_at_clip_layer <= -1:
            raise Unsuitable(
                f"there is no layer {stop_at_clip_layer}: this text encoder has {layers} layers",
                input="stop_at_clip_layer",
                remedy=f"Give a number from {-layers} to -1.",
            )
        return replace(self, layer=stop_at_clip_layer)

    def encode(self, text: str) -> Conditioning:
        """One entry: `text` with its weights, in as many windows of 75 tokens as it needs."""
        from diffusion.prompt.encode import encode_prompt

        return (Cond(encode_prompt(self, text)),)


@dataclass(frozen=True, eq=False)
class Vae:
    """Goes between images [B, H, W, C] in 0..1 and latent samples [B, c, H/factor, W/factor]."""

    network: Autoencoder | TinyAutoencoder = field(repr=False)
    scale: float = 0.18215
    factor: int = 8
    digest: str = ""

    def encode(self, image: Tensor, *, on_tile: OnTile = silent, check: Check = unstopped) -> Tensor:
        """The most likely latent of each picture, cropped around the centre to whole latent pixels.

        Goes tile by tile where memory is too small for all at once, and `on_tile` hears how far.
        """
        from diffusion.tiles import encode_fitting

        return encode_fitting(self, image, on_tile=on_tile, check=check)

    def decode(self, samples: Tensor, *, on_tile: OnTile = silent, check: Check = unstopped) -> Tensor:
        """The pictures [B, H, W, 3] of latent samples.

        Goes tile by tile where memory is too small for all at once, and `on_tile` hears how far.
        """
        from diffusion.tiles import decode_fitting

        return decode_fitting(self, samples, on_tile=on_tile, check=check)


def rgb(image: Tensor) -> Tensor:
    """Three channels [B, H, W, 3] of an image with one, three or four."""
    return image.expand(*image.shape[:-1], 3) if image.shape[-1] == 1 else image[..., :3]


def crop_to_multiple(image: Tensor, factor: int) -> Tensor:
    """The central part of [B, H, W, C] whose sides are multiples of `factor`."""
    height, width = image.shape[1:3]
    if min(height, width) < factor:
        raise Unsuitable(
            f"the picture is {width} x {height} pixels, expected at least {factor} x {factor}",
            input="pixels",
            remedy="Scale the picture up first.",
        )
    tall, wide = height - height % factor, width - width % factor
    top, left = (height - tall) // 2, (width - wide) // 2
    return image[:, top : top + tall, left : left + wide]
