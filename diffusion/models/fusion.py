"""From features at four scales to one map: the decoder that MiDaS networks share.

Follows Towards Robust Monocular Depth Estimation (arXiv 1907.01341); parameter names are those of MiDaS.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def double(x: Tensor, *, align_corners: bool) -> Tensor:
    """[B, C, H, W] -> [B, C, 2H, 2W], bilinear."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=align_corners)


class ResidualUnit(nn.Module):
    """Two convolutions in a residual branch: [B, C, H, W] -> [B, C, H, W]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(F.relu(self.conv1(F.relu(x)))) + x


class FusionBlock(nn.Module):
    """Adds finer features to coarse ones and doubles the size: [B, C, H, W] -> [B, out, 2H, 2W]."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.out_conv = nn.Conv2d(channels, out_channels, 1)
        self.resConfUnit1 = ResidualUnit(channels)
        self.resConfUnit2 = ResidualUnit(channels)

    def forward(self, coarse: Tensor, finer: Tensor | None = None) -> Tensor:
        x = coarse if finer is None else coarse + self.resConfUnit1(finer)
        return self.out_conv(double(self.resConfUnit2(x), align_corners=True))


class Decoder(nn.Module):
    """Features of `inputs` channels at 1/4 … 1/32 of the size -> a map [B, 1, H, W] of at least 0.

    `widths` are the channels inside, finest first; `hidden` those of the head, which doubles the size last.
    """

    def __init__(
        self,
        inputs: tuple[int, ...],
        widths: tuple[int, ...],
        hidden: tuple[int, int],
        *,
        align_corners: bool,
    ) -> None:
        super().__init__()
        self.align_corners = align_corners
        for index, (channels, width) in enumerate(zip(inputs, widths, strict=True)):
            self.add_module(f"layer{index + 1}_rn", nn.Conv2d(channels, width, 3, padding=1, bias=False))
            block = FusionBlock(width, widths[max(index - 1, 0)])
            self.add_module(f"refinenet{index + 1}", block)
        first, second = hidden
        self.output_conv = nn.Sequential(
            nn.Conv2d(widths[0], first, 3, padding=1),
            nn.Identity(),  # where the size doubles
            nn.Conv2d(first, second, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(second, 1, 1),
            nn.ReLU(),
        )

    def forward(self, features: list[Tensor]) -> Tensor:
        path: Tensor | None = None
        for index in range(len(features), 0, -1):
            finer = self.get_submodule(f"layer{index}_rn")(features[index - 1])
            fuse = self.get_submodule(f"refinenet{index}")
            path = fuse(finer) if path is None else fuse(path, finer)
        x = double(self.output_conv[0](path), align_corners=self.align_corners)
        return self.output_conv[2:](x)
