"""Previews: what a sampler sees, as a small picture, made beside the sampling and never waited for.

A decoder in TAESD's layout shows latents best. Without one that matches the model, a linear map of latent
channels to colours does: that of the published models.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from einops import rearrange
from torch import Tensor
from torch.nn.functional import interpolate

from diffusion.images import encode_jpeg
from diffusion.memory import device_of, sent_to
from diffusion.residency import resident
from diffusion.values import Model

COLOURS = torch.tensor(
    [
        [0.1756, 0.1149, 0.1614],
        [0.1625, 0.2487, 0.1175],
        [-0.1415, 0.0881, 0.1361],
        [-0.1060, -0.1308, -0.3589],
        [0.5, 0.5, 0.5],
    ]
)
"""Of SD1's and SD2's autoencoder: a row for each latent channel, the last for none."""
PUBLISHED_WIDTH = 320
"""Channels of the published UNets: the models whose latents TAESD was made for."""
INTERVAL = 0.2
SHARE = 4
"""A preview is followed by at least this many times its own duration without one."""
SMALLEST = 256

Decode = Callable[[Tensor], Tensor]


def decoder_for(model: Model, resolve: Callable[[str], Path]) -> Decode:
    """What shows latents of `model`: the file of its name, else TAESD for published models, else colours.

    `resolve` gives the path of a name among the preview decoders, whether the file exists or not.
    """
    stems = [model.name] if model.name else []
    if model.network.config.model_channels == PUBLISHED_WIDTH and model.family in ("sd1", "sd2"):
        stems.append("taesd_decoder")
    files = (resolve(stem + extension) for stem in stems for extension in (".safetensors", ".pth"))
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        return linear_colours
    return stored_decoder(found, found.stat().st_mtime_ns, device_of(model.network))


@lru_cache(maxsize=1)
def stored_decoder(file: Path, modified: int, device: torch.device) -> Decode:
    """The decoder in a file; the last one used is kept, as long as its file stays the same."""
    from diffusion.checkpoint.load import load_preview_decoder

    network = load_preview_decoder(file, device=device)

    @torch.no_grad()
    def decode(samples: Tensor) -> Tensor:
        with resident(network) as ready:
            return ready(sent_to(network, samples)).float()

    return decode


def linear_colours(samples: Tensor) -> Tensor:
    """Latents [B, C, h, w] as colours [B, 3, h, w] in 0..1: a row for each channel, the last for none."""
    colours = COLOURS.to(samples)
    mixed = torch.einsum("bchw,cr->brhw", samples, colours[:-1])
    return mixed + rearrange(colours[-1], "r -> r 1 1")


def preview_jpeg(decode: Decode, samples: Tensor) -> bytes:
    """The first picture of a batch of latents as a JPEG of at least `SMALLEST` pixels on its longer side."""
    picture = decode(samples[:1]).nan_to_num()
    times = max(1, SMALLEST // max(picture.shape[-2:]))
    if times > 1:  # smoothly: blocks would read as a picture of blocks
        picture = interpolate(picture.float(), scale_factor=times, mode="bicubic")
    return encode_jpeg(picture[0].movedim(0, -1))


class Previewer:
    """Sends previews from a thread of its own, a few a second and the last one; `offer` returns at once."""

    def __init__(self, decode: Decode, send: Callable[[bytes], None]) -> None:
        self._decode, self._send = decode, send
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="preview")
        self._pending: Future[None] | None = None
        self._skipped: Tensor | None = None
        self._next = 0.0

    def offer(self, samples: Tensor) -> None:
        """Show these latents; where a preview is under way or was just now, only if they are the last."""
        if self._pending is not None:
            if not self._pending.done() or time.monotonic() < self._next:
                self._skipped = samples
                return
            self._pending.result()  # a preview that failed is an error, not a silence
        self._skipped = None
        self._pending = self._thread.submit(self._show, samples)

    def _show(self, samples: Tensor) -> None:
        started = time.monotonic()
        self._send(preview_jpeg(self._decode, samples))
        ended = time.monotonic()
        self._next = max(started + INTERVAL, ended + SHARE * (ended - started))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._skipped is not None:  # what stays on screen is what was made
            self._thread.submit(self._show, self._skipped)
        self._thread.shutdown(wait=True, cancel_futures=error is not None)
