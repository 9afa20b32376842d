"""Attention maps: which part of a picture looks at which word of the prompt (as DAAM, arXiv 2210.04885)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from diffusion.features.attention import blocks, replace_attention
from diffusion.features.self_attention import probabilities
from diffusion.models.unet import Size, UNet
from diffusion.prompt.comfy import windows
from diffusion.sampling.denoiser import Denoiser, Inputs
from diffusion.sampling.noise import seeded
from diffusion.sampling.parts import placed_channels
from diffusion.values import Conditioning, Latent, Model, TextEncoder, rgb


@dataclass(eq=False)
class Looking:
    """The patch: sums how much every pixel looks at each token, [B, M, h, w], in all layers."""

    size: Size
    total: Tensor | None = field(default=None)

    def apply(self, network: UNet) -> None:
        for _, _, block in blocks(network):
            replace_attention(block, "attn2", lambda own: NotedAttention(own, self))

    def note(self, share: Tensor) -> None:
        """Add what one attention says, [B, M, h', w'], at the common size."""
        share = F.interpolate(share, size=self.size, mode="bicubic").clamp(min=0)
        self.total = share if self.total is None else self.total + share


class NotedAttention(nn.Module):
    """Attention to the prompt that tells what it looks at."""

    def __init__(self, own: nn.Module, looking: Looking) -> None:
        super().__init__()
        self.own, self.looking = own, looking

    def forward(self, x: Tensor, context: Tensor, size: Size) -> Tensor:
        share = probabilities(self.own, x, context).mean(dim=1)
        self.looking.note(rearrange(share, "b (h w) m -> b m h w", h=size[0]))
        return self.own(x, context, size)


@torch.no_grad()
def look(model: Model, prompt: Conditioning, latent: Latent, *, levels: Sequence[float], seed: int) -> Tensor:
    """How much pixels look at tokens while a finished latent is denoised from each level: [B, M, h, w]."""
    looking = Looking(tuple(latent.samples.shape[-2:]))
    denoiser = Denoiser(model)
    samples = latent.samples.to(denoiser.device, torch.float32)
    (cond, *_) = prompt
    concat = None if cond.concat is None else placed_channels(cond.concat, samples)
    label = None if cond.label is None else torch.full((len(samples),), cond.label, device=samples.device)
    context = cond.tensor.to(samples.device).expand(len(samples), -1, -1)
    generator = seeded(seed)
    for sigma in levels:
        noise = torch.randn(samples.shape, generator=generator).to(samples)
        denoiser(samples + noise * sigma, sigma, Inputs(context, concat, label), (looking,))
    assert looking.total is not None, "a UNet has attention to the prompt"
    return (looking.total / looking.total.sum(dim=1, keepdim=True)).float().cpu()


def words_of(clip: TextEncoder, text: str) -> list[tuple[str, list[int]]]:
    """The words of a prompt with the places of their tokens, in order; punctuation is left out."""
    words: list[tuple[str, list[int]]] = [("", [])]
    for number, window in enumerate(windows(clip.tokenizer, text)):
        for place, token in enumerate(window, start=number * clip.tokenizer.window_size + 1):
            piece = clip.tokenizer.decode([token.id])
            word, places = words[-1]
            words[-1] = word + piece, [*places, place]
            if piece.endswith(" "):
                words.append(("", []))
    return [(word.strip(), places) for word, places in words if any(map(str.isalnum, word))]


def heat(share: Tensor, places: Sequence[int]) -> Tensor:
    """How much each pixel looks at the tokens of a word, [B, h, w], from the least to the most: 0..1."""
    total = share[:, list(places)].sum(dim=1)
    low, high = total.amin(dim=(1, 2), keepdim=True), total.amax(dim=(1, 2), keepdim=True)
    return (total - low) / (high - low).clamp(min=torch.finfo(total.dtype).tiny)


COLOURS = ((0.0, 0.0, 0.1), (0.35, 0.05, 0.45), (0.85, 0.25, 0.25), (1.0, 0.65, 0.1), (1.0, 1.0, 0.7))
"""From not looked at to looked at most: darkness, violet, red, orange, light; brightness always rises."""


def coloured(heat: Tensor, picture: Tensor | None) -> Tensor:
    """Heat [B, h, w] as pictures [B, H, W, 3], over given ones [B or 1, H, W, C] in grey if there are any."""
    if picture is not None:
        heat = F.interpolate(heat[:, None], size=picture.shape[1:3], mode="bicubic")[:, 0].clamp(0, 1)
    stops = torch.tensor(COLOURS)
    place = heat * (len(stops) - 1)
    low = place.long().clamp(max=len(stops) - 2)
    share = (place - low)[..., None]
    colours = stops[low] * (1 - share) + stops[low + 1] * share
    if picture is None:
        return colours
    grey = rgb(picture).mean(dim=-1, keepdim=True)
    return (0.45 * grey + 0.55 * colours * (0.4 + 0.6 * grey)).clamp(0, 1)
