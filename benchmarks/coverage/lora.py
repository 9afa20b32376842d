"""LoRAs and kin in every layout, against ComfyUI's results and networks whose weights are changed by hand."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from benchmarks.coverage.guidance import SIGMA, X, seen
from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest, loads
from benchmarks.coverage.text import states, text_pair
from diffusion.adapters.lora import patch_model, patch_text, read_lora, unmatched
from diffusion.adapters.names import LORA, flat, text_modules, unet_modules
from diffusion.adapters.weights import changed
from diffusion.models.clip import ClipText
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet
from diffusion.sampling.denoiser import Denoiser, Inputs
from diffusion.values import Model
from tests.diffusion import pipelines
from tests.diffusion.adapters.test_lora import FILES
from tests.diffusion.adapters.test_weights import CASES, GOLDEN, KOHYA, PEFT
from tests.diffusion.golden import manifest
from tests.diffusion.pipelines import POSITIVE, UNET

RANK, ALPHA, STRENGTH, TOLERANCE = 4, 3.0, 0.8, 2e-4
Factors = dict[str, tuple[Tensor, Tensor]]


def of_weights(_: Run) -> Iterator[Measured]:
    """Every kind of change of one weight."""
    pairs = []
    for case in CASES:
        names = {**KOHYA, **PEFT}
        parts = {names.get(name, name): each for name, each in parts_of(case).items()}
        weight = GOLDEN["w_conv" if "conv" in case else "w_linear"]
        pairs.append((changed(weight, parts, STRENGTH), GOLDEN[f"{case}__result_strength0.8"]))
    yield Measured(
        f"LoRA, LoCon, LoHa, LoKr, DoRA: {len(CASES)} weights", "ComfyUI (golden)", farthest(pairs), 1e-5
    )


def parts_of(case: str) -> dict[str, Tensor]:
    """The tensors of a change by the names that they have in its file."""
    given = (name.partition("__") for name in GOLDEN.arrays.files)
    return {
        part: GOLDEN[f"{case}__{part}"]
        for found, _, part in given
        if found == case and not part.startswith("result")
    }


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


KEYS = {
    "diffusers_lora": "unet.mid_block.attentions.0.proj_in.processor.to_q",
    "peft_lora": "unet.mid_block.attentions.0.proj_in.",
}
"""What stands before a part's name, where that is not as kohya and LyCORIS have it."""


def files(run: Run) -> Iterator[Layout]:
    """Each kind of change in a file, and published layouts: every key leads to a weight that it fits."""
    for case in CASES:
        parts = parts_of(case)
        prefix = KEYS.get(case, "lora_unet_mid_block_attentions_0_proj_in.")
        named = {prefix + name: each for name, each in parts.items()}
        path = run.path(f"loras/{case}.safetensors")
        save_file(named, path)
        yield loads(f"{case} .safetensors", partial(holds_parts, path, parts))
    torch.save(named, run.path("loras/case.pt"))
    yield loads(f"{case} .pt", partial(holds_parts, run.path("loras/case.pt"), parts))
    for name, (config, text) in FILES.items():
        keys = len(manifest(name))
        yield loads(f"{name}: {keys} keys", partial(reaches, manifest(name), config, text))


def holds_parts(path: Path, parts: Mapping[str, Tensor]) -> bool:
    """Whether the one change in a file is read with all of its parts."""
    lora = read_lora(path)
    ((_, found),) = lora.networks["unet"].items()
    names = {**KOHYA, **PEFT}
    expected = {names.get(name, name): each for name, each in parts.items()}
    same = found.keys() == expected.keys() and all(torch.equal(found[name], expected[name]) for name in found)
    return same and not lora.unknown


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
