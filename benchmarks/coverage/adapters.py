"""LoRAs and hypernetworks in every layout, against ComfyUI's results and networks changed by hand."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from benchmarks.coverage.guidance import SIGMA, X, seen
from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest, loads
from benchmarks.coverage.text import states, text_pair
from diffusion.adapters.hypernetworks import Hypernetwork, fitting, read_hypernetwork
from diffusion.adapters.lora import patch_model, patch_text, read_lora, unmatched
from diffusion.adapters.names import LORA, flat, text_modules, unet_modules
from diffusion.adapters.weights import changed
from diffusion.models.clip import ClipText
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet
from diffusion.sampling.denoiser import Denoiser, Inputs
from diffusion.values import Model
from tests.diffusion import pipelines
from tests.diffusion.adapters.test_hypernetworks import layers, state, write
from tests.diffusion.adapters.test_lora import FILES
from tests.diffusion.adapters.test_weights import CASES, GOLDEN, KOHYA, PEFT
from tests.diffusion.golden import manifest
from tests.diffusion.pipelines import POSITIVE, UNET, random

RANK, ALPHA, STRENGTH, TOLERANCE = 4, 3.0, 0.8, 2e-4
Factors = dict[str, tuple[Tensor, Tensor]]


def of_weights(_: Run) -> Iterator[Measured]:
    """Every kind of change of one weight."""
    pairs = []
    for case in CASES:
        names, parts = {**KOHYA, **PEFT}, {}
        for name in GOLDEN.arrays.files:
            found, _, part = name.partition("__")
            if found == case and not part.startswith("result"):
                parts[names.get(part, part)] = GOLDEN[name]
        weight = GOLDEN["w_conv" if "conv" in case else "w_linear"]
        pairs.append((changed(weight, parts, STRENGTH), GOLDEN[f"{case}__result_strength0.8"]))
    yield Measured(
        f"LoRA, LoCon, LoHa, LoKr, DoRA: {len(CASES)} weights", "ComfyUI (golden)", farthest(pairs), 1e-5
    )


def of_networks(run: Run) -> Iterator[Measured]:
    """LoRAs of every spelling on networks of diffusers and transformers, which have modules so called."""
    made = pipelines.pair(UNET)
    theirs = made.parts["unet"]
    factors = low_rank(theirs, lambda name: re.search(r"attentions|resnets|samplers", name) is not None)
    spelled = {
        "kohya, LoCon": (factors, kohya("lora_unet_")),
        "PEFT": (factors, lambda name: (f"unet.{name}.lora_B", f"unet.{name}.lora_A", None)),
        "diffusers of 2023": (only_attention(factors), processor),
    }
    plain = seen(made, POSITIVE)
    for number, (what, (given, spell)) in enumerate(spelled.items()):
        path = run.path(f"loras/{number}.safetensors")
        save_file(spelled_out(given, spell), path)
        lora = read_lora(path)
        assert not unmatched(lora, made.model, None)
        model = patch_model(patch_model(made.model, lora, 0.5 * STRENGTH), lora, 0.5 * STRENGTH)
        with merged(theirs, given, STRENGTH * (ALPHA / RANK if spell(next(iter(given)))[2] else 1.0)):
            expected = seen(made, POSITIVE)
        assert apart(expected, plain) > 10 * TOLERANCE, "or nothing is shown"
        error = apart(of_model(model), expected)
        yield Measured(
            f"UNet with two halves of a LoRA, {what}", "diffusers UNet, merged by hand", error, TOLERANCE
        )
    yield on_text(run)


def of_model(model: Model) -> Tensor:
    """What our model sees at one level under a prompt."""
    return Denoiser(model)(X, SIGMA, Inputs(POSITIVE.expand(len(X), -1, -1)))


def on_text(run: Run) -> Measured:
    theirs, encoder = text_pair()
    factors = low_rank(theirs, lambda name: "layers" in name)
    path = run.path("loras/text.safetensors")
    save_file(spelled_out(factors, kohya("lora_te_text_model_")), path)
    ours = patch_text(encoder, read_lora(path), STRENGTH).encode("a cat")[0].tensor[0]
    ids = [Tokenizer.begin, *encoder.tokenizer.encode("a cat"), Tokenizer.end]
    with merged(theirs, factors, STRENGTH * ALPHA / RANK):
        expected = states(theirs, ids)
    reference = "transformers CLIPTextModel, merged by hand"
    return Measured("text encoder with a LoRA", reference, apart(ours, expected), 2e-5)


def low_rank(network: nn.Module, chosen: Callable[[str], bool]) -> Factors:
    """Random factors (up, down) for linear layers and convolutions by name."""
    generator, factors = torch.Generator().manual_seed(5), {}
    for name, module in network.named_modules():
        if chosen(name) and isinstance(module, nn.Linear | nn.Conv2d):
            shape = module.weight.shape
            up = torch.randn(shape[0], RANK, *[1] * (len(shape) - 2), generator=generator)
            factors[name] = 0.1 * up, 0.1 * torch.randn(RANK, *shape[1:], generator=generator)
    return factors


Spell = Callable[[str], tuple[str, str, str | None]]


def kohya(prefix: str) -> Spell:
    """Names of the up and down halves and of alpha."""

    def spell(name: str) -> tuple[str, str, str]:
        key = prefix + name.replace(".", "_")
        return f"{key}.lora_up", f"{key}.lora_down", f"{key}.alpha"

    return spell


def processor(name: str) -> tuple[str, str, None]:
    module, _, projection = name.removesuffix(".0").rpartition(".")
    key = f"unet.{module}.processor.{projection}_lora"
    return f"{key}.up", f"{key}.down", None


def only_attention(factors: Factors) -> Factors:
    return {name: each for name, each in factors.items() if re.search(r"attn\d\.to_", name)}


def spelled_out(factors: Factors, spell: Spell) -> dict[str, Tensor]:
    """The tensors of a file."""
    tensors = {}
    for name, (up, down) in factors.items():
        above, below, alpha = spell(name)
        tensors |= {f"{above}.weight": up, f"{below}.weight": down}
        tensors |= {alpha: torch.tensor(ALPHA)} if alpha else {}
    return tensors


@contextmanager
def merged(network: nn.Module, factors: Factors, scale: float) -> Iterator[None]:
    """A network with factors in its weights, until it is left."""
    kept = {name: each.clone() for name, each in network.state_dict().items()}
    modules = dict(network.named_modules())
    for name, (up, down) in factors.items():
        modules[name].weight.data += scale * torch.einsum("or,r...->o...", up.flatten(1), down)
    yield
    network.load_state_dict(kept)


def lora_files(_: Run) -> Iterator[Layout]:
    """Published layouts: every key leads to a weight that it fits."""
    for name, (config, text) in FILES.items():
        keys = len(manifest(name))
        yield loads(f"{name}: {keys} keys", partial(reaches, manifest(name), config, text))


def reaches(shapes: Mapping[str, tuple[int, ...]], config: object, text: object) -> bool:
    """Whether every key of a LoRA names a module, and its halves have that module's sides."""
    with torch.device("meta"):
        unet, clip = UNet(config), ClipText(text)
    known = {"unet": (unet, unet_modules(unet, config)), "text_encoder": (clip, text_modules(clip))}
    sides = {"lora_up.weight": 0, "lora_down.weight": 1}
    for key, shape in shapes.items():
        found = next(match.expand(rule.target) for rule in LORA if (match := re.fullmatch(rule.pattern, key)))
        network, module, part = found.split(" ")
        weights, spelled = known[network]
        weight = weights.get_parameter(spelled[flat(module)] + ".weight")
        if part in sides and shape[sides[part]] != weight.shape[sides[part]]:
            return False
    return True


# --- hypernetworks


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
def hypernetworks(run: Run) -> Iterator[Measured]:
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


def hypernetwork_files(run: Run) -> Iterator[Layout]:
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
