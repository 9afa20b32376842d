"""The reader of FlatBuffers on one put together by hand, and the names of what ships."""

import struct

import torch

from diffusion.checkpoint.files import open_weights
from diffusion.models.selfie import SelfieSegmentation
from tools.convert_selfie_segmentation import TARGET, Table

LIST_OF_FIELDS = struct.pack("<HH4H", 12, 16, 4, 8, 0, 12)
TABLE = struct.pack("<iIII", 12, 7, 8, 16)  # back to the list; 7; a vector 8 bytes on; a vector 16 bytes on
NUMBERS = struct.pack("<Iii", 2, 5, -6)
INNER = struct.pack("<HHH", 6, 8, 4) + b"\0\0" + struct.pack("<iI", 8, 9)


def test_fields_are_numbers_vectors_and_tables() -> None:
    start = b"\x10\0\0\0"
    data = start + LIST_OF_FIELDS + TABLE + NUMBERS
    outer = len(data)
    at = 4 + len(LIST_OF_FIELDS) + 12
    data = data[:at] + struct.pack("<I", outer - at) + data[at + 4 :]
    data += struct.pack("<II", 1, 4 + 8) + INNER
    table = Table(data, struct.unpack_from("<I", data, 0)[0])
    assert (table.number(0), table.number(2), table.number(40)) == (7, 0, 0)
    assert (table.numbers(1), table.numbers(2)) == ([5, -6], [])
    assert table.raw(1) == b"\x05\0"
    (inner,) = table.tables(3)
    assert inner.number(0) == 9


def test_shipped_file_has_the_networks_names_and_finite_half_precision_weights() -> None:
    weights = open_weights(TARGET)
    wanted = SelfieSegmentation().state_dict()
    assert {name: weights[name].shape for name in weights} == {
        name: each.shape for name, each in wanted.items()
    }
    assert all(each.dtype == torch.float16 and each.isfinite().all() for each in weights.values())
    assert weights.metadata["license"].startswith("Apache-2.0")
