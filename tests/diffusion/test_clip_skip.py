"""The same number reads the same layer of both layouts of SD2's text encoder."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from diffusion.checkpoint.load import load_text_encoder
from diffusion.errors import Unsuitable
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.tokenizer import Tokenizer
from diffusion.prompt.clip_skip import read_at
from diffusion.values import TextEncoder

WHOLE = ClipTextConfig(width=16, layers=24, heads=1, mlp=32, activation="gelu", output_layer=-2)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> tuple[TextEncoder, TextEncoder]:
    """One network with all of its layers, and as diffusers stores it: without the last."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        tensors = ClipText(WHOLE).state_dict()
    folder = tmp_path_factory.mktemp("clip")
    made = []
    for name, left_out in (("whole", "none"), ("diffusers", "text_model.encoder.layers.23.")):
        kept = {key: tensor for key, tensor in tensors.items() if not key.startswith(left_out)}
        save_file(kept, folder / f"{name}.safetensors")
        read = load_text_encoder(folder / f"{name}.safetensors", device=CPU, dtype=torch.float32)
        made.append(replace(read, family="sd2"))  # both under diffusers' names: nothing else tells the first
    return made[0], made[1]


def encoded(clip: TextEncoder) -> torch.Tensor:
    (cond,) = clip.encode("a cat")
    return cond.tensor


def test_the_files_differ_in_the_layer_that_is_never_read(layouts: tuple[TextEncoder, TextEncoder]) -> None:
    whole, stored = layouts
    assert (whole.network.config.layers, stored.network.config.layers) == (24, 23)
    assert stored.network.config.output_layer == -1


@pytest.mark.parametrize("layer", [-2, -3, -12, -24])
def test_a_number_means_the_same_layer_of_both(layouts: tuple[TextEncoder, TextEncoder], layer: int) -> None:
    whole, stored = (read_at(clip, layer) for clip in layouts)
    assert torch.equal(encoded(whole), encoded(stored))
    if layer == -2:
        assert torch.equal(encoded(stored), encoded(layouts[1])), "what it reads by itself"


def test_the_layer_that_is_not_there_is_refused(layouts: tuple[TextEncoder, TextEncoder]) -> None:
    with pytest.raises(Unsuitable, match="the last of the 24 layers is not in this text encoder's file"):
        read_at(layouts[1], -1)
    assert not torch.equal(encoded(read_at(layouts[0], -1)), encoded(read_at(layouts[0], -2)))


def test_other_text_encoders_count_their_own_layers() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = ClipText(ClipTextConfig(width=16, layers=23, heads=1, mlp=32)).eval()
    clip = TextEncoder(network, Tokenizer())
    assert read_at(clip, -1).layer == -1 and read_at(clip, -2).layer == -2
