"""HyperTile: self-attention inside tiles of the picture: its cost grows with the size, not its square."""

from __future__ import annotations

from dataclasses import dataclass

from einops import rearrange
from torch import Tensor, nn

from diffusion.features.attention import blocks, replace_attention
from diffusion.models.unet import Size, UNet


def tile_counts(size: int, tile: int, choices: int) -> list[int]:
    """Into how many equal tiles of at least `tile` a side can be cut; the `choices` with the most tiles."""
    counts = [count for count in range(1, size + 1) if size % count == 0 and size // count >= tile]
    return (counts or [1])[-choices:]


class TiledAttention(nn.Module):
    """Self-attention whose tokens see only those of their own tile.

    The grid changes from call to call, in turn through the `choices` finest, so that no seam stays. Tokens
    that are no whole picture, as merged ones, are not cut.
    """

    def __init__(self, attention: nn.Module, tile: int, choices: int) -> None:
        super().__init__()
        self.attention, self.tile, self.choices, self.turn = attention, tile, choices, 0

    def forward(self, x: Tensor, context: Tensor, size: Size) -> Tensor:
        rows, columns = (tile_counts(side, self.tile, self.choices) for side in size)
        down, across = rows[self.turn % len(rows)], columns[(self.turn // len(rows)) % len(columns)]
        self.turn += 1
        if context is not x or x.shape[1] != size[0] * size[1] or down * across == 1:
            return self.attention(x, context, size)
        height, width = size[0] // down, size[1] // across
        cut = {"down": down, "across": across, "h": height, "w": width}
        tiles = rearrange(x, "b (down h across w) c -> (b down across) (h w) c", **cut)
        attended = self.attention(tiles, tiles, (height, width))
        return rearrange(attended, "(b down across) (h w) c -> b (down h across w) c", **cut)


@dataclass(frozen=True)
class HyperTile:
    """The patch: tiles of `tile` pixels in the `depth + 1` finest levels, larger below where they `grow`."""

    tile: int
    choices: int = 2
    depth: int = 0
    grow: bool = False

    def apply(self, network: UNet) -> None:
        levels = levels_of(network)
        for half, index, block in blocks(network):
            level = levels[half, index]
            if level <= self.depth:
                tile = max(32, self.tile) // 8 * (2**level if self.grow else 1)
                replace_attention(
                    block, "attn1", lambda own, tile=tile: TiledAttention(own, tile, self.choices)
                )


def levels_of(network: UNet) -> dict[tuple[str, int], int]:
    """How often the picture has been halved where each stage's attention is, by half and number."""
    count, steps = len(network.config.widths), network.config.res_blocks + 1
    levels = {("input", index): max(0, index - 1) // steps for index in range(count * steps)}
    levels |= {("output", index): count - 1 - index // steps for index in range(count * steps)}
    return levels | {("middle", 0): count - 1}
