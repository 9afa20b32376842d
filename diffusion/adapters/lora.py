"""LoRAs: read once, and matched to a model and its text encoder as changes of their weights."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from torch import Tensor, nn

from diffusion.adapters.names import LORA, flat, text_modules, unet_modules
from diffusion.adapters.weight_patch import WeightPatch, beside_weights, merged
from diffusion.adapters.weights import Parts, difference
from diffusion.checkpoint.build import check_finite, shorten
from diffusion.checkpoint.files import open_weights
from diffusion.errors import Unsuitable
from diffusion.values import Model, TextEncoder

KEPT = 4
"""Files whose tensors stay open, so that another strength reads nothing again."""


@dataclass(frozen=True, eq=False)
class Lora:
    """The parts of a file by network and module as it spells them, and the keys that say nothing known.

    `networks` has those for weights, `biases` those for biases, which are whole differences.
    """

    name: str
    networks: Mapping[str, Mapping[str, Parts]]
    unknown: tuple[str, ...]
    biases: Mapping[str, Mapping[str, Parts]] = field(default_factory=dict)


def read_lora(path: Path) -> Lora:
    """The LoRA in a file; a file that did not change is read once."""
    status = path.stat() if path.is_file() else None
    return read_version(path, *((status.st_size, status.st_mtime_ns) if status else (0, 0)))


@lru_cache(maxsize=KEPT)
def read_version(path: Path, size: int, time: int) -> Lora:
    """The LoRA in a file as it was at a time."""
    tensors = open_weights(path)
    check_finite(dict(tensors), path.name)
    rules = [(re.compile(rule.pattern), rule.target) for rule in LORA]
    networks: dict[str, dict[str, dict[str, Tensor]]] = defaultdict(lambda: defaultdict(dict))
    biases: dict[str, dict[str, dict[str, Tensor]]] = defaultdict(lambda: defaultdict(dict))
    unknown = []
    for key in tensors:
        found = next(
            (match.expand(target) for pattern, target in rules if (match := pattern.fullmatch(key))), None
        )
        if found is None:
            unknown.append(key)
            continue
        network, module, part = found.split(" ")
        if part == "diff_b":
            biases[network][flat(module)]["diff"] = tensors[key]
        else:
            networks[network][flat(module)][part] = tensors[key]
    for network, modules in biases.items():
        for module in modules:
            if networks[network].get(module, {}).keys() == {"alpha"}:
                del networks[network][module]  # which a whole difference has no use for
    return Lora(path.stem, networks, tuple(unknown), biases)


def patch_model(model: Model, lora: Lora, strength: float) -> Model:
    """The model with what a LoRA says of the UNet."""
    spelled = unet_modules(model.network, model.network.config)
    patch = matched(lora, "unet", model.network, spelled, model.family, strength)
    return model.with_patch(patch) if (patch.modules or patch.biases) and strength else model


def patch_text(clip: TextEncoder, lora: Lora, strength: float) -> TextEncoder:
    """The text encoder with what a LoRA says of it."""
    spelled = text_modules(clip.network)
    patch = matched(lora, "text_encoder", clip.network, spelled, clip.family, strength)
    changing = (patch.modules or patch.biases) and strength
    return replace(clip, patches=(*clip.patches, patch)) if changing else clip


def unmatched(lora: Lora, model: Model, clip: TextEncoder | None) -> tuple[str, ...]:
    """The keys and modules of a LoRA that belong to nothing here; Unsuitable if that is all of them."""
    known = {"unet": unet_modules(model.network, model.network.config)}
    if clip is not None:
        known["text_encoder"] = text_modules(clip.network)
    parts = (lora.networks, lora.biases)
    given = [
        (network, module)
        for network in known
        for module in dict.fromkeys(name for each in parts for name in each.get(network, ()))
    ]
    strange = [f"{network} {module}" for network, module in given if module not in known[network]]
    if len(strange) == len(given):
        names = shorten([*strange, *lora.unknown])
        raise Unsuitable(
            f"{lora.name} names no part of this model ({model.family}): {names}",
            input="lora_name",
            remedy="Choose a LoRA that was made for the kind of model that it changes.",
        )
    return (*strange, *lora.unknown)


def matched(
    lora: Lora, network: str, weights: nn.Module, spelled: Mapping[str, str], family: str, strength: float
) -> WeightPatch:
    """The changes that belong to modules of a network; Unsuitable where they do not fit its weights."""
    own = weights.state_dict()
    made: dict[str, dict[str, Parts]] = {}
    for parameter, found in (("weight", lora.networks), ("bias", lora.biases)):
        known = {module: parts for module, parts in found.get(network, {}).items() if module in spelled}
        for module, parts in known.items():
            weight = own.get(f"{spelled[module]}.{parameter}")
            if weight is None or not fits(parts, weight):
                shape = (
                    f"of another shape than {[*weight.shape]}" if weight is not None else "that it has not"
                )
                raise Unsuitable(
                    f"{lora.name} does not fit this model ({family}): its change of {module} is for a "
                    f"{parameter} {shape}",
                    input="lora_name",
                    remedy="Choose a LoRA that was made for the kind of model that it changes.",
                )
        made[parameter] = {spelled[module]: parts for module, parts in known.items()}
    return WeightPatch(lora.name, made["weight"], strength, made["bias"])


def fits(parts: Parts, weight: Tensor) -> bool:
    """Whether a change has as many numbers as a weight, first by first; computes shapes only."""
    shapes = {name: part.to("meta") for name, part in parts.items()}
    try:
        made = difference(shapes)
    except (RuntimeError, KeyError, ValueError):
        return False
    return made.numel() == weight.numel() and made.shape[0] == weight.shape[0]


def merged_model(model: Model) -> Model:
    """The model with patches of weights in its weights, and its other patches beside them."""
    return replace(model, network=merged(model.network, model.patches), patches=beside_weights(model.patches))


def merged_text(clip: TextEncoder) -> TextEncoder:
    """The same for a text encoder."""
    return replace(clip, network=merged(clip.network, clip.patches), patches=beside_weights(clip.patches))
