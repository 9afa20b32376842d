"""Pictures [B, H, W, C] apart into brightness and two differences of colour, and back (ITU-R BT.601).

U and V are 0.5 where there is no colour. The numbers are those of JFIF in three digits, as ComfyUI has them;
there and back is off by 0.004 at most.
"""

import torch
from torch import Tensor

from diffusion.errors import Unsuitable
from diffusion.values import rgb

LUMA = (0.299, 0.587, 0.114)


def apart(image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Y, U and V, each as a grey picture."""
    pixels = rgb(image)
    red, _, blue = pixels.split(1, dim=-1)
    y = (pixels * torch.tensor(LUMA)).sum(dim=-1, keepdim=True)
    u, v = (blue - y) * 0.564 + 0.5, (red - y) * 0.713 + 0.5
    return tuple(part.expand(*part.shape[:-1], 3).contiguous() for part in (y, u, v))  # type: ignore[return-value]


def together(y: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """The coloured picture of three grey ones, whose channels are averaged; one may serve many."""
    for name, part in (("U", u), ("V", v)):
        sizes = [f"{len(each)} of {each.shape[2]} x {each.shape[1]} pixels" for each in (part, y)]
        if part.shape[1:3] != y.shape[1:3] or len(part) not in (1, len(y)):
            raise Unsuitable(
                f"the pictures are {sizes[0]}, those of Y are {sizes[1]}",
                input=name,
                remedy="Give Y, U and V of one size, and as many of each.",
            )
    y, u, v = torch.broadcast_tensors(*(part.mean(dim=-1) for part in (y, u, v)))
    u, v = u - 0.5, v - 0.5
    return torch.stack([y + 1.403 * v, y - 0.714 * v - 0.344 * u, y + 1.773 * u], dim=-1).clamp(0, 1)
