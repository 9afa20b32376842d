"""Hypernetworks as AUTOMATIC1111's program saves them: layouts, activations, and what they change."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from diffusion.adapters.hypernetworks import ACTIVATIONS, fitting, read_hypernetwork
from diffusion.checkpoint.errors import CheckpointError, MislabelledFile, UnsafeFile
from diffusion.errors import Unsuitable
from diffusion.features.attention import blocks
from diffusion.models.layers import attention
from diffusion.patches import patched
from tests.diffusion.sampling.tiny import random_latent, tiny_model

WIDTHS = (8, 32, 64)
"""Of the tiny network: its prompts, and its two levels."""


def layers(width, structure=(1, 2, 1), *, activation=None, norm=False, dropout_after=(), output=True):
    """The network that the file means, with random weights."""
    made = []
    for index, (inside, outside) in enumerate(pairwise(structure)):
        made.append(nn.Linear(width * inside, width * outside))
        if activation and (output or index < len(structure) - 2):
            made.append(activation())
        if norm:
            made.append(nn.LayerNorm(width * outside))
        if index in dropout_after:
            made.append(nn.Dropout(0.5))
    return nn.Sequential(*made).eval()


def state(network):
    return {f"linear.{name}": tensor for name, tensor in network.state_dict().items()}


def write(path, networks, **settings):
    """A file of pairs; returns the networks."""
    content = {width: tuple(state(network) for network in pair) for width, pair in networks.items()}
    torch.save({**content, "step": 100, "name": path.stem, **settings}, path)
    return networks


def pairs(**options):
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return {width: (layers(width, **options), layers(width, **options)) for width in WIDTHS}


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ({}, {}),
        ({"structure": (1, 3, 2, 1)}, {"layer_structure": [1, 3, 2, 1]}),
        ({"activation": nn.ReLU}, {"activation_func": "relu"}),
        ({"activation": nn.Hardswish}, {"activation_func": "swish"}),
        ({"activation": nn.Mish, "output": False}, {"activation_func": "Mish", "activate_output": False}),
        ({"norm": True}, {"is_layer_norm": True}),
        (
            {"structure": (1, 2, 2, 1), "dropout_after": (0,), "activation": nn.ReLU},
            {"layer_structure": [1, 2, 2, 1], "use_dropout": True, "activation_func": "relu"},
        ),
        (
            {"structure": (1, 2, 2, 1), "dropout_after": (0, 1)},
            {"layer_structure": [1, 2, 2, 1], "use_dropout": True, "last_layer_dropout": True},
        ),
        (
            {"structure": (1, 2, 2, 1), "dropout_after": (1,)},
            {"layer_structure": [1, 2, 2, 1], "dropout_structure": [0, 0, 0.3, 0]},
        ),
    ],
)
def test_networks_compute_what_was_saved(tmp_path, options, settings):
    written = write(tmp_path / "style.pt", pairs(**options), **settings)
    read = read_hypernetwork(tmp_path / "style.pt")
    assert read.name == "style" and set(read.pairs) == set(WIDTHS)
    for width, (keys, values) in written.items():
        x = random_latent(1, 2, 5, width)
        torch.testing.assert_close(read.pairs[width][0](x), keys(x))
        torch.testing.assert_close(read.pairs[width][1](x), values(x))


def test_first_layout_is_read(tmp_path):
    first, second = nn.Linear(8, 16), nn.Linear(16, 8)
    old = {f"linear1.{k}": v for k, v in first.state_dict().items()}
    old |= {f"linear2.{k}": v for k, v in second.state_dict().items()}
    torch.save({8: (old, old)}, tmp_path / "old.pt")
    x = random_latent(1, 1, 3, 8)
    network, _ = read_hypernetwork(tmp_path / "old.pt").pairs[8]
    torch.testing.assert_close(network(x), second(first(x)))


def test_keys_and_values_see_changed_contexts(tmp_path):
    written = write(tmp_path / "style.pt", pairs())
    model = tiny_model()
    found = fitting(read_hypernetwork(tmp_path / "style.pt"), model.network)
    _, _, block = next(blocks(patched(model.network, (found,))))
    own = next(blocks(model.network))[2].attn2
    x, context = random_latent(1, 1, 16, 32), random_latent(2, 1, 7, 8)
    keys, values = (context + network(context) for network in written[8])
    expected = own.to_out(attention(own.to_q(x), own.to_k(keys), own.to_v(values), heads=own.heads))
    torch.testing.assert_close(block.attn2(x, context, (4, 4)), expected)


def test_activations_are_torchs_by_their_names():
    for name, kind in ACTIVATIONS.items():
        assert kind.__name__.lower() == {"swish": "hardswish"}.get(name, name)


def test_unknown_activation_is_named(tmp_path):
    write(tmp_path / "odd.pt", pairs(activation=nn.ReLU), activation_func="wobble")
    with pytest.raises(CheckpointError, match=r"odd\.pt: given the activation 'wobble', expected one of elu"):
        read_hypernetwork(tmp_path / "odd.pt")


def test_hypernetwork_of_another_family_is_refused(tmp_path):
    torch.save({768: (state(layers(768)), state(layers(768)))}, tmp_path / "sd1.pt")
    with pytest.raises(Unsuitable, match="changes contexts of 768 numbers, the model's prompts have 8"):
        fitting(read_hypernetwork(tmp_path / "sd1.pt"), tiny_model().network)


def test_other_files_are_refused(tmp_path):
    torch.save({"lora_up.weight": torch.ones(2, 2)}, tmp_path / "lora.pt")
    with pytest.raises(MislabelledFile, match="expected a hypernetwork"):
        read_hypernetwork(tmp_path / "lora.pt")
    network = layers(8)
    torch.save({8: (state(network), {"linear.0.weight": torch.ones(3, 3)})}, tmp_path / "cut.pt")
    with pytest.raises(CheckpointError, match=r"expected layers of \[1, 2, 1\] times 8"):
        read_hypernetwork(tmp_path / "cut.pt")
    network[0].weight.data[0, 0] = torch.nan
    torch.save({8: (state(network), state(network))}, tmp_path / "nan.pt")
    with pytest.raises(CheckpointError, match="not-a-numbers"):
        read_hypernetwork(tmp_path / "nan.pt")


@pytest.mark.parametrize("structure", ["121", [1, "2", 1], 7, [1, 10**9, 1], [1, -1, 1]])
def test_structures_that_cannot_be_are_refused_and_take_no_memory(tmp_path, structure):
    network = layers(8)
    torch.save({8: (state(network), state(network)), "layer_structure": structure}, tmp_path / "odd.pt")
    with pytest.raises(CheckpointError, match=r"odd\.pt: given "):
        read_hypernetwork(tmp_path / "odd.pt")


class Malicious:
    def __reduce__(self):
        import os

        return os.system, ("true",)


def test_code_in_a_file_is_refused(tmp_path):
    torch.save({8: Malicious()}, tmp_path / "bad.pt")
    with pytest.raises(UnsafeFile):
        read_hypernetwork(tmp_path / "bad.pt")
