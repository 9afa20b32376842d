"""Hypernetworks: in a UNet of diffusers whose attention follows A1111's rule, and every layout of files."""

from collections.abc import Iterator, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.coverage.guidance import seen
from benchmarks.coverage.lora import STRENGTH, TOLERANCE, of_model
from benchmarks.coverage.row import Layout, Measured, Run, apart, loads
from diffusion.adapters.hypernetworks import Hypernetwork, fitting, read_hypernetwork
from tests.diffusion import pipelines
from tests.diffusion.adapters.test_hypernetworks import layers, state, write
from tests.diffusion.pipelines import POSITIVE, UNET, random


class HyperProcessor:
    """diffusers' attention by A1111's rule: keys and values come from contexts that networks changed."""

    def __init__(self, pairs: Mapping[int, tuple[nn.Module, nn.Module]], strength: float) -> None:
        self._pairs, self._strength = pairs, strength

    def __call__(
        self, attn: nn.Module, hidden_states: Tensor, encoder_hidden_states: Tensor | None = None, **_: object
    ) -> Tensor:
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        for_keys, for_values = (
            context + self._strength * net(context) for net in self._pairs[context.shape[-1]]
        )
        parts = (attn.to_q(hidden_states), attn.to_k(for_keys), attn.to_v(for_values))
        q, k, v = (each.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for each in parts)
        return attn.to_out[0](F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


def hyper_pairs(**options: object) -> dict[int, tuple[nn.Module, nn.Module]]:
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return {width: (layers(width, **options), layers(width, **options)) for width in (16, 32, 64)}


@torch.no_grad()
def numbers(run: Run) -> Iterator[Measured]:
    """A hypernetwork in a UNet, at a strength."""
    made = pipelines.pair(UNET)
    options = {"structure": (1, 3, 2, 1), "activation": nn.Mish, "norm": True}
    settings = {"layer_structure": [1, 3, 2, 1], "activation_func": "mish", "is_layer_norm": True}
    given = write(run.path("hypernetworks/style.pt"), hyper_pairs(**options), **settings)
    read = fitting(read_hypernetwork(run.path("hypernetworks/style.pt")), made.model.network)
    ours = of_model(made.model.with_patch(Hypernetwork(read.name, read.pairs, STRENGTH)))
    plain = seen(made, POSITIVE)
    made.parts["unet"].set_attn_processor(HyperProcessor(given, STRENGTH))
    expected = seen(made, POSITIVE)
    assert apart(expected, plain) > 10 * TOLERANCE, "or nothing is shown"
    reference = "diffusers UNet, A1111's rule in its attention"
    yield Measured("UNet with a hypernetwork", reference, apart(ours, expected), TOLERANCE)


LAYOUTS = {
    "linear": ({}, {}),
    "deeper": ({"structure": (1, 3, 2, 1)}, {"layer_structure": [1, 3, 2, 1]}),
    "relu": ({"activation": nn.ReLU}, {"activation_func": "relu"}),
    "swish (hardswish)": ({"activation": nn.Hardswish}, {"activation_func": "swish"}),
    "Mish, none at the end": (
        {"activation": nn.Mish, "output": False},
        {"activation_func": "Mish", "activate_output": False},
    ),
    "layer norm": ({"norm": True}, {"is_layer_norm": True}),
    "dropout": (
        {"structure": (1, 2, 2, 1), "dropout_after": (0,)},
        {"layer_structure": [1, 2, 2, 1], "use_dropout": True},
    ),
    "dropout structure": (
        {"structure": (1, 2, 2, 1), "dropout_after": (1,)},
        {"layer_structure": [1, 2, 2, 1], "dropout_structure": [0, 0, 0.3, 0]},
    ),
}


def files(run: Run) -> Iterator[Layout]:
    """What A1111's program trains: structures, activations, norms and dropout; and its first layout."""
    for number, (what, (options, settings)) in enumerate(LAYOUTS.items()):
        path = run.path(f"hypernetworks/{number}.pt")
        given = write(path, hyper_pairs(**options), **settings)
        yield loads(f".pt, {what}", lambda path=path, given=given: computes(path, given))
    first = nn.Sequential(nn.Linear(8, 16), nn.Linear(16, 8))
    path = run.path("hypernetworks/old.pt")
    old = {
        name.replace("linear.0.", "linear1.").replace("linear.1.", "linear2."): each
        for name, each in state(first).items()
    }
    torch.save({8: (old, old)}, path)
    yield loads(".pt, linear1 and linear2", lambda: computes(path, {8: (first, first)}))


@torch.no_grad()
def computes(path: object, given: Mapping[int, tuple[nn.Module, nn.Module]]) -> bool:
    """Whether the networks read from a file compute what was written."""
    read = read_hypernetwork(path).pairs
    return all(
        torch.allclose(ours(x), theirs(x))
        for width, pair in given.items()
        for ours, theirs in zip(read[width], pair, strict=True)
        for x in (random(1, 2, 5, width),)
    )
