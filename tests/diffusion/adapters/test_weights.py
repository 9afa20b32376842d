"""Changes of single weights against ComfyUI's results (golden/lora_merge.npz; facts: section 7)."""

import pytest
import torch

from diffusion.adapters.lora import fits
from diffusion.adapters.weights import changed
from tests.diffusion.golden import Golden

GOLDEN = Golden("lora_merge")
CASES = sorted({name.partition("__")[0] for name in GOLDEN.arrays.files if "__" in name})
KOHYA = {"_lora.up.weight": "lora_up.weight", "_lora.down.weight": "lora_down.weight"}
PEFT = {"lora_B.weight": "lora_up.weight", "lora_A.weight": "lora_down.weight"}


@pytest.mark.parametrize("case", CASES)
def test_weight_is_changed_as_comfyui_changes_it(case):
    names = {**KOHYA, **PEFT}
    parts = {}
    for name in GOLDEN.arrays.files:
        found, _, part = name.partition("__")
        if found == case and not part.startswith("result"):
            parts[names.get(part, part)] = GOLDEN[name]
    weight = GOLDEN["w_conv" if "conv" in case else "w_linear"]
    before = weight.clone()
    assert fits(parts, weight) and not fits(parts, weight[:-1]) and not fits(parts, weight[:, :-1])
    torch.testing.assert_close(
        changed(weight, parts, 0.8), GOLDEN[f"{case}__result_strength0.8"], atol=1e-5, rtol=1e-5
    )
    assert torch.equal(weight, before)


def test_strength_zero_changes_nothing():
    weight, parts = (
        torch.rand(3, 4),
        {"lora_up.weight": torch.rand(3, 2), "lora_down.weight": torch.rand(2, 4)},
    )
    assert torch.equal(changed(weight, parts, 0.0), weight)
