"""What packs use of ComfyUI's `comfy.utils`: scaling, tiles, files of tensors, progress."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compat.nodes.here import STEP
from compat.nodes.importing import lacking

if TYPE_CHECKING:
    from torch import Tensor

__getattr__ = lacking(__name__)

PROGRESS_BAR_ENABLED = True


class ProgressBar:
    """Tells how far a node is, and stops it where the run was cancelled."""

    def __init__(self, total: int, node_id: object = None) -> None:
        self.total = total
        self.current = 0

    def update_absolute(self, value: int, total: int | None = None, preview: Any = None) -> None:
        self.total = self.total if total is None else total
        self.current = min(value, self.total)
        step = STEP.get()
        if step is not None:
            step.check_cancelled()
            step.progress(int(self.current), int(self.total))
            if preview is not None:
                send_preview(preview)

    def update(self, value: int) -> None:
        self.update_absolute(self.current + value)


def send_preview(preview: Any) -> None:
    """A preview as packs give it: format, picture, and the longest side."""
    import io

    form, picture, longest = preview
    if longest is not None and max(picture.size) > longest:
        picture = picture.copy()
        picture.thumbnail((longest, longest))
    data = io.BytesIO()
    if form == "PNG":
        picture.save(data, "PNG", compress_level=1)
    else:
        picture.convert("RGB").save(data, "JPEG", quality=85)
    step = STEP.get()
    if step is not None:
        step.preview(data.getvalue(), f"image/{'png' if form == 'PNG' else 'jpeg'}")


def common_upscale(samples: Tensor, width: int, height: int, upscale_method: str, crop: str) -> Tensor:
    """Scale [B, C, H, W]; "center" first cuts the centre to the new shape."""
    from diffusion.resize import resize

    return resize(samples, width, height, upscale_method, crop=crop)  # type: ignore[arg-type]  # names as ours


def lanczos(samples: Tensor, width: int, height: int) -> Tensor:
    from diffusion.resize import resize_lanczos

    return resize_lanczos(samples, width, height)


def bislerp(samples: Tensor, width: int, height: int) -> Tensor:
    from diffusion.resize import resize

    return resize(samples, width, height, "bislerp")


def get_tiled_scale_steps(width: int, height: int, tile_x: int, tile_y: int, overlap: int) -> int:
    """How many tiles it takes."""
    across, down = (
        1 if side <= tile else math.ceil((side - overlap) / (tile - overlap))
        for side, tile in ((width, tile_x), (height, tile_y))
    )
    return across * down


def tiled_scale(
    samples: Tensor,
    function: Callable[[Tensor], Tensor],
    tile_x: int = 64,
    tile_y: int = 64,
    overlap: int = 8,
    upscale_amount: float = 4,
    out_channels: int = 3,
    output_device: Any = "cpu",
    pbar: ProgressBar | None = None,
) -> Tensor:
    """Have a function change [B, C, H, W] tile by tile, and fade the results into each other."""
    import torch

    batch, _, height, width = samples.shape
    size = (round(height * upscale_amount), round(width * upscale_amount))
    made = torch.zeros((batch, out_channels, *size), device=output_device)
    weight = torch.zeros((1, 1, *size), device=output_device)
    over = round(overlap * upscale_amount)
    for top in _starts(height, tile_y, overlap):
        for left in _starts(width, tile_x, overlap):
            part = function(samples[..., top : top + tile_y, left : left + tile_x]).to(output_device)
            rows, columns = part.shape[-2:]
            y, x = round(top * upscale_amount), round(left * upscale_amount)
            fade = (_fade(rows, over)[:, None] * _fade(columns, over)).to(output_device)
            made[..., y : y + rows, x : x + columns] += part * fade
            weight[..., y : y + rows, x : x + columns] += fade
            if pbar is not None:
                pbar.update(1)
    return made / weight


def _starts(size: int, tile: int, overlap: int) -> Iterator[int]:
    if size <= tile:
        yield 0
        return
    step = max(tile - overlap, 1)
    for start in range(0, size - overlap, step):
        yield min(start, size - tile)


def _fade(size: int, over: int) -> Tensor:
    """Weights that rise from the edges."""
    import torch

    places = torch.arange(size, dtype=torch.float32) + 1
    return torch.minimum(places, places.flip(0)).clamp(max=max(over, 1)) / max(over, 1)


class Tensors(dict[str, Any]):
    """The tensors of a file, and which."""

    path: Path


def load_torch_file(
    ckpt: str | Path, safe_load: bool = False, device: Any = None, return_metadata: bool = False
) -> Any:
    """The tensors of a file by name; no code in it is ever run."""
    from diffusion.checkpoint.files import open_weights

    weights = open_weights(Path(ckpt))
    read = {name: weights[name] for name in weights}
    tensors = Tensors(read if device is None else {name: each.to(device) for name, each in read.items()})
    tensors.path = Path(ckpt)
    return (tensors, weights.metadata) if return_metadata else tensors


def save_torch_file(
    sd: Mapping[str, Tensor], ckpt: str | Path, metadata: Mapping[str, str] | None = None
) -> None:
    """Write tensors by name as safetensors."""
    from safetensors.torch import save_file

    save_file(dict(sd), ckpt, dict(metadata) if metadata else None)


def safetensors_header(safetensors_path: str | Path, max_size: int = 100 * 1024 * 1024) -> bytes | None:
    """The header of a safetensors file as it stands there; None where it is too long."""
    with Path(safetensors_path).open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return file.read(length) if length <= max_size else None


def calculate_parameters(sd: Mapping[str, Tensor], prefix: str = "") -> int:
    """How many numbers the tensors of a prefix hold."""
    return sum(tensor.nelement() for name, tensor in sd.items() if name.startswith(prefix))


def state_dict_prefix_replace(
    state_dict: dict[str, Any], replace_prefix: Mapping[str, str], filter_keys: bool = False
) -> dict[str, Any]:
    """Rename what starts with a prefix; `filter_keys` leaves out all else."""
    made = {} if filter_keys else state_dict
    for prefix, instead in replace_prefix.items():
        for name in [name for name in state_dict if name.startswith(prefix)]:
            made[instead + name.removeprefix(prefix)] = state_dict.pop(name)
    return made


def repeat_to_batch_size(tensor: Tensor, batch_size: int, dim: int = 0) -> Tensor:
    """As many along an axis: the first ones, or over again from the start."""
    have = tensor.shape[dim]
    if have < batch_size:
        repeats = [1] * tensor.ndim
        repeats[dim] = math.ceil(batch_size / have)
        tensor = tensor.repeat(*repeats)
    return tensor.narrow(dim, 0, batch_size)


def set_attr(obj: Any, attr: str, value: Any) -> Any:
    """Set what a dotted name leads to; returns what was there."""
    *path, last = attr.split(".")
    for name in path:
        obj = getattr(obj, name)
    before = getattr(obj, last)
    setattr(obj, last, value)
    return before


def get_attr(obj: Any, attr: str) -> Any:
    for name in attr.split("."):
        obj = getattr(obj, name)
    return obj


def string_to_seed(data: str | bytes) -> int:
    """A seed of 32 bits that a text always gives."""
    import zlib

    return zlib.crc32(data.encode() if isinstance(data, str) else bytes(data))


def reshape_mask(input_mask: Tensor, output_shape: Sequence[int]) -> Tensor:
    """A mask [B, H, W] as [B, C, H, W] of another size."""
    import torch.nn.functional as F

    mask = input_mask.reshape(-1, 1, *input_mask.shape[-2:])
    scaled = F.interpolate(mask.float(), size=tuple(output_shape[-2:]), mode="bilinear")
    return repeat_to_batch_size(scaled, output_shape[0]).expand(-1, output_shape[1], -1, -1)
