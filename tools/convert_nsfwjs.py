"""Make models/safety/nsfwjs_mobilenet_v2.safetensors from NSFWJS's model in TensorFlow.js' layout.

python tools/convert_nsfwjs.py model.json group1-shard1of1

The JSON lists the tensors in the order in which the binary file holds them, one byte a number, each with its
smallest value and its step. Convolutions store [h, w, in, out], depthwise ones [h, w, channels, 1].
"""

import json
import math
import re
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from diffusion.models.mobilenet import RANGE, narrowed  # noqa: E402  (the path is set on the line above)

TARGET = ROOT / "models/safety/nsfwjs_mobilenet_v2.safetensors"
NORM = r"(?:_BN|_bn)"
PLACES = (
    (r"bn_Conv1", "stem.norm"),
    (r"Conv1", "stem.conv"),
    (r"Conv_1_bn", "last.norm"),
    (r"Conv_1", "last.conv"),
    (rf"expanded_conv_(\w+?){NORM}", r"blocks.0.\1.norm"),
    (r"expanded_conv_(\w+)", r"blocks.0.\1.conv"),
    (rf"block_(\d+)_(\w+?){NORM}", r"blocks.\1.\2.norm"),
    (r"block_(\d+)_(\w+)", r"blocks.\1.\2.conv"),
    (r"dense_1", "dense.0"),
    (r"dense_2", "dense.1"),
    (r"dense_3", "dense.2"),
)
KINDS = {
    "kernel": "weight",
    "depthwise_kernel": "weight",
    "gamma": "weight",
    "beta": "bias",
    "bias": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def our_name(name: str) -> str:
    """What the network calls the tensor that Keras calls LAYER/KIND."""
    layer, kind = name.split("/")
    pattern, target = next(place for place in PLACES if re.fullmatch(place[0], layer))
    return f"{re.sub(f'^{pattern}$', target, layer)}.{KINDS[kind]}"


def as_torch(stored: Tensor, name: str) -> Tensor:
    """A kernel with its axes in torch's order; other tensors as they are."""
    if stored.ndim == 4:
        return stored.permute(2, 3, 0, 1) if "depthwise_kernel" in name else stored.permute(3, 2, 0, 1)
    return stored.T if stored.ndim == 2 else stored


def convert(listed: list[dict], data: bytes) -> dict[str, Tensor]:
    """The tensors of a weights manifest under our names, each with its range."""
    found: dict[str, Tensor] = {}
    start = 0
    for entry in listed:
        name, shape, scale = entry["name"], entry["shape"], entry["quantization"]
        size = math.prod(shape)
        values = np.frombuffer(data, np.uint8, size, start).reshape(shape).copy()
        start += size
        stored = as_torch(torch.from_numpy(values), name).contiguous()
        ours = our_name(name)
        found[ours], found[ours + RANGE] = narrowed(stored, smallest=scale["min"], step=scale["scale"])
    if start != len(data):
        raise ValueError(f"{len(data) - start} bytes are left over")
    return found


def main(model: Path, shard: Path) -> None:
    (group,) = json.loads(model.read_text("utf-8"))["weightsManifest"]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    about = {"source": "nsfwjs 4.3.0, mobilenet_v2", "license": "MIT, Infinite Red, Inc."}
    save_file(convert(group["weights"], shard.read_bytes()), TARGET, about)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
