"""The converter of a weights manifest, on one put together by hand, and the names of what ships."""

import numpy as np
import pytest
import torch

from diffusion.checkpoint.files import open_weights
from diffusion.models.mobilenet import RANGE, PictureClassifier, widened
from tools.convert_nsfwjs import TARGET, convert

SCALE = {"min": -1.0, "scale": 0.5, "dtype": "uint8"}


def entry(name: str, *shape: int) -> dict:
    return {"name": name, "shape": [*shape], "quantization": SCALE}


def test_kernels_turn_and_numbers_widen() -> None:
    listed = [entry("Conv1/kernel", 1, 2, 3, 4), entry("block_3_depthwise/depthwise_kernel", 2, 1, 3, 1)]
    listed += [entry("dense_2/kernel", 2, 3), entry("block_16_project_BN/moving_variance", 2)]
    data = np.arange(24 + 6 + 6 + 2, dtype=np.uint8)
    found = convert(listed, data.tobytes())
    wide = widened(found)
    assert {name: (*tensor.shape,) for name, tensor in wide.items()} == {
        "stem.conv.weight": (4, 3, 1, 2),
        "blocks.3.depthwise.conv.weight": (3, 1, 2, 1),
        "dense.1.weight": (3, 2),
        "blocks.16.project.norm.running_var": (2,),
    }
    assert wide["stem.conv.weight"][3, 1, 0, 1] == (12 + 4 + 3) * 0.5 - 1
    assert wide["dense.1.weight"][2, 1] == 35 * 0.5 - 1
    assert wide["blocks.3.depthwise.conv.weight"][2, 0, 1, 0] == 29 * 0.5 - 1
    with pytest.raises(ValueError, match="1 bytes are left over"):
        convert(listed, data.tobytes() + b"x")


def test_shipped_file_has_the_networks_names_in_8_bits() -> None:
    weights = open_weights(TARGET)
    wide, wanted = widened(dict(weights)), PictureClassifier().state_dict()
    assert {name: tensor.shape for name, tensor in wide.items()} == {
        name: tensor.shape for name, tensor in wanted.items()
    }
    assert all(weights[name].dtype == torch.uint8 for name in weights if not name.endswith(RANGE))
    assert weights.metadata["license"].startswith("MIT")
