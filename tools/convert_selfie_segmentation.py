"""Make models/segmentation/selfie_segmentation.safetensors from MediaPipe's selfie_segmentation.tflite.

python tools/convert_selfie_segmentation.py selfie_segmentation.tflite

A .tflite file is a FlatBuffer: tables that begin with the distance to a list of 16-bit field offsets (0 where
a field is left out), vectors that begin with their length, and 32-bit distances between all of them.
Constants are 16-bit floats that `DEQUANTIZE` widens; convolutions store [out, h, w, in], depthwise ones
[1, h, w, channels]. Weights come out in the order in which the network uses them, which is that of
`diffusion.models.selfie`.
"""

import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from diffusion.models.selfie import SelfieSegmentation  # noqa: E402  (the path is set on the line above)

TARGET = ROOT / "models/segmentation/selfie_segmentation.safetensors"
CONV_2D, DEPTHWISE, DEQUANTIZE, TRANSPOSED = 3, 4, 6, "Convolution2DTransposeBias"
DTYPES = {0: np.float32, 1: np.float16}


class Table:
    """One table of a FlatBuffer; fields by number."""

    def __init__(self, data: bytes, place: int) -> None:
        self.data, self.place = data, place
        self.fields = place - struct.unpack_from("<i", data, place)[0]

    def _at(self, field: int) -> int | None:
        if 4 + 2 * field >= struct.unpack_from("<H", self.data, self.fields)[0]:
            return None
        offset = struct.unpack_from("<H", self.data, self.fields + 4 + 2 * field)[0]
        return self.place + offset if offset else None

    def number(self, field: int, kind: str = "I") -> int:
        at = self._at(field)
        return 0 if at is None else struct.unpack_from("<" + kind, self.data, at)[0]

    def _vector(self, field: int) -> tuple[int, int]:
        at = self._at(field)
        if at is None:
            return 0, 0
        start = at + struct.unpack_from("<I", self.data, at)[0]
        return start + 4, struct.unpack_from("<I", self.data, start)[0]

    def numbers(self, field: int) -> list[int]:
        start, length = self._vector(field)
        return list(struct.unpack_from(f"<{length}i", self.data, start))

    def raw(self, field: int) -> bytes:
        start, length = self._vector(field)
        return self.data[start : start + length]

    def tables(self, field: int) -> list["Table"]:
        start, length = self._vector(field)
        places = [start + 4 * index for index in range(length)]
        return [Table(self.data, at + struct.unpack_from("<I", self.data, at)[0]) for at in places]


def weights(data: bytes) -> Iterator[Tensor]:
    """The weight and bias of each convolution in order, as torch has them."""
    model = Table(data, struct.unpack_from("<I", data, 0)[0])
    (graph,) = model.tables(2)
    tensors, buffers = graph.tables(0), model.tables(4)
    codes = [(code.number(0, "B"), code.raw(1).decode()) for code in model.tables(1)]
    widened: dict[int, int] = {}
    for operator in graph.tables(3):
        code, custom = codes[operator.number(0)]
        inputs, outputs = operator.numbers(1), operator.numbers(2)
        if code == DEQUANTIZE:
            widened[outputs[0]] = inputs[0]
        elif code in (CONV_2D, DEPTHWISE) or custom == TRANSPOSED:
            kernel, bias = (constant(tensors[widened.get(index, index)], buffers) for index in inputs[1:3])
            # As torch has them: [out, in, h, w], [channels, 1, h, w], and for the transposed [in, out, h, w].
            order = (3, 0, 1, 2) if code == DEPTHWISE or custom else (0, 3, 1, 2)
            yield kernel.permute(order).contiguous()
            yield bias


def constant(tensor: Table, buffers: list[Table]) -> Tensor:
    """The stored values of a tensor."""
    values = np.frombuffer(buffers[tensor.number(2)].raw(0), DTYPES[tensor.number(1, "B")])
    return torch.from_numpy(values.reshape(tensor.numbers(0)).astype(np.float16))


def main(source: Path) -> None:
    names = list(SelfieSegmentation().state_dict())
    found = dict(zip(names, weights(source.read_bytes()), strict=True))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    about = {"source": "@mediapipe/selfie_segmentation 0.1.1675465747", "license": "Apache-2.0, Google LLC"}
    save_file(found, TARGET, about)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
