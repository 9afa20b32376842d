"""Export of workflows as A1111's infotext: of those that go its way, from one prompt to one picture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from compat.export import View
from compat.recreation import DROPPING
from graph.digests import SHORT
from graph.wanted import Named, Wanted, recorded
from graph.workflow import Node

SINKS = ("SaveImage", "PreviewImage")
ENCODERS = ("CLIPTextEncode", "PromptEncodeA1111")
CLIPS = ("CheckpointLoaderSimple", "LoraLoader", "CLIPSetLastLayer")
MODELS = ("CheckpointLoaderSimple", "LoraLoader", "HypernetworkLoader")
WAYS = ("KSampler", "SamplerCustomAdvanced")
SAMPLER_NAMES = {
    "euler_ancestral": "Euler a", "euler": "Euler", "lms": "LMS", "heun": "Heun", "dpm_2": "DPM2",
    "dpm_2_ancestral": "DPM2 a", "dpmpp_2s_ancestral": "DPM++ 2S a", "dpmpp_2m": "DPM++ 2M",
    "dpmpp_sde": "DPM++ SDE", "dpmpp_2m_sde": "DPM++ 2M SDE", "dpmpp_2m_sde_heun": "DPM++ 2M SDE Heun",
    "dpmpp_3m_sde": "DPM++ 3M SDE", "dpm_fast": "DPM fast", "dpm_adaptive": "DPM adaptive", "ddim": "DDIM",
    "ipndm": "PLMS", "uni_pc": "UniPC", "lcm": "LCM",
}  # fmt: skip
SCHEDULE_NAMES = {
    "normal": "Uniform", "karras": "Karras", "exponential": "Exponential", "sgm_uniform": "SGM Uniform",
    "simple": "Simple", "ddim_uniform": "DDIM", "beta": "Beta",
}  # fmt: skip
UPSCALERS = {
    "bilinear": "Latent", "bicubic": "Latent (bicubic)", "nearest-exact": "Latent (nearest-exact)",
}  # fmt: skip
QUOTED = re.compile(r"[,:\n]")
LISTED_DIGITS = 12
MOST = 64
"""Nodes in a row that are followed."""


class Elsewhere(Exception):
    """The workflow does something that an infotext cannot say."""


def write_infotext(view: View) -> str | None:
    """The infotext of a workflow's picture; None where it does more, or something else, than one can say."""
    view = view.flat
    sinks = [node for node in view.workflow.nodes if node.type in SINKS and node.mode == "active"]
    saved = [node for node in sinks if node.type == SINKS[0]] or sinks
    if len(saved) != 1:
        return None
    try:
        return _infotext(Trail(view), saved[0], recorded(view.workflow.document))
    except Elsewhere:
        return None


class Trail:
    """A workflow walked backwards, from what a node is given to what gives it."""

    def __init__(self, view: View) -> None:
        self._view = view

    def source(self, node: Node, name: str, *kinds: str) -> Node:
        """The node behind an input, which is of one of some types."""
        found = self.behind(node, name)
        if found is None or found.type not in kinds:
            raise Elsewhere
        return found

    def behind(self, node: Node, name: str) -> Node | None:
        links = self._view.into.get(node.id, {}).get(name)
        source = self._view.follow(links[-1]) if links else None
        return self._view.nodes[source[0]] if isinstance(source, tuple) else None

    def value(self, node: Node, name: str) -> Any:
        """A literal, also where a node that only holds one gives it; a default where nothing is said."""
        holder = self.behind(node, name)
        if holder is not None:
            if not holder.type.startswith("Primitive"):
                raise Elsewhere
            node, name = holder, "value"
        known = self._view.info.get(node.type)
        given = known.input(name) if known else None
        literal = node.inputs.get(name, given.default if given else None)
        if not isinstance(literal, str | int | float):
            raise Elsewhere
        return literal


def _infotext(trail: Trail, sink: Node, files: Mapping[Named, Wanted]) -> str:
    decode = trail.source(sink, "images", "VAEDecode")
    second, first, size = _passes(trail, decode)
    settings = _sampling(trail, first)
    model, positive, negative = _guidance(trail, first)[:3]
    settings["Size"] = f"{trail.value(size, 'width')}x{trail.value(size, 'height')}"
    clip = trail.source(positive, "clip", *CLIPS)
    if trail.source(negative, "clip", *CLIPS) != clip:
        raise Elsewhere
    checkpoint, tags, skip = _networks(trail, model, clip)
    file = trail.value(checkpoint, "ckpt_name")
    settings |= _hash("Model hash", files.get(("checkpoints", file)))
    settings["Model"] = PurePosixPath(file).stem
    if skip:
        settings["Clip skip"] = skip
    vae = trail.source(decode, "vae", checkpoint.type, "VAELoader")
    if vae.type == "VAELoader":
        settings |= _hash("VAE hash", files.get(("vae", trail.value(vae, "vae_name"))))
        settings["VAE"] = trail.value(vae, "vae_name")
    if second is not None:
        settings |= _second(trail, first, second)
    words, against = trail.value(positive, "text") + tags, trail.value(negative, "text")
    settings |= _listed_hashes(files, words + against)
    settings["Version"] = "Tessera"
    said = ", ".join(f"{name}: {_quoted(value)}" for name, value in settings.items())
    return "\n".join([words, *([f"Negative prompt: {against}"] if against else []), said])


def _hash(name: str, file: Wanted | None) -> dict[str, str]:
    return {name: file.sha256[:SHORT]} if file is not None and file.sha256 else {}


def _listed_hashes(files: Mapping[Named, Wanted], words: str) -> dict[str, str]:
    """Of the LoRAs and embeddings that words name: of the first what A1111 takes, the hash of the tensors."""
    loras, embeddings = [], []
    for (folder, name), file in files.items():
        stem = PurePosixPath(name).stem
        if folder == "loras" and file.tensors and f"<lora:{stem}:" in words:
            loras.append(f"{stem}: {file.tensors[:LISTED_DIGITS]}")
        elif folder == "embeddings" and file.sha256 and stem.casefold() in words.casefold():
            embeddings.append(f"{stem}: {file.sha256[:LISTED_DIGITS]}")
    found = {"Lora hashes": ", ".join(loras), "TI hashes": ", ".join(embeddings)}
    return {name: value for name, value in found.items() if value}


def _passes(trail: Trail, decode: Node) -> tuple[Node | None, Node, Node]:
    """The second sampler if there is one, the first, and what says the size."""
    last = trail.source(decode, "samples", *WAYS)
    behind = trail.source(last, "latent_image", "EmptyLatentImage", "LatentUpscale")
    if behind.type == "EmptyLatentImage":
        return None, last, behind
    first = trail.source(behind, "samples", *WAYS)
    return last, first, trail.source(first, "latent_image", "EmptyLatentImage")


def _guidance(trail: Trail, sampler: Node) -> tuple[Node, Node, Node, Any]:
    """Model, prompt, negative prompt and scale."""
    asked = sampler if sampler.type == WAYS[0] else trail.source(sampler, "guider", "CFGGuider")
    positive, negative = (trail.source(asked, side, *ENCODERS) for side in ("positive", "negative"))
    return trail.source(asked, "model", *MODELS), positive, negative, trail.value(asked, "cfg")


def _method(trail: Trail, sampler: Node) -> tuple[str, str, Any, Any]:
    """A1111's names of sampler and schedule, steps and denoising strength."""
    method = levels = sampler
    steps, denoise = None, None
    if sampler.type != WAYS[0]:
        method = trail.source(sampler, "sampler", "KSamplerSelect")
        dropping = trail.value(method, "sampler_name") in DROPPING["a1111"]
        levels = trail.source(sampler, "sigmas", "FlipSigmas" if dropping else "BasicScheduler")
        if dropping:
            levels, steps, denoise = _without_last_but_one(trail, levels)
    name = SAMPLER_NAMES.get(str(trail.value(method, "sampler_name")))
    schedule = SCHEDULE_NAMES.get(str(trail.value(levels, "scheduler")))
    if name is None or schedule is None:
        raise Elsewhere
    if steps is None:
        steps, denoise = trail.value(levels, "steps"), trail.value(levels, "denoise")
    return name, schedule, steps, denoise


def _without_last_but_one(trail: Trail, last: Node) -> tuple[Node, Any, Any]:
    """What gives the levels, steps and denoising strength, where recreation.py has left out a level."""
    ended = trail.source(last, "sigmas", "SetFirstSigma")
    turned = trail.source(ended, "sigmas", "FlipSigmas")
    cut = trail.source(turned, "sigmas", "SplitSigmas")
    levels = trail.source(cut, "sigmas", "SplitSigmas", "BasicScheduler")
    skipped = 0
    if levels.type == "SplitSigmas":
        skipped, cut = trail.value(cut, "step"), levels
        levels = trail.source(cut, "sigmas", "BasicScheduler")
    total = trail.value(levels, "steps") - 1
    if trail.value(ended, "sigma") != 0 or trail.value(cut, "step") != total:
        raise Elsewhere
    steps = total - skipped
    rounded = (round(steps / total, digits) for digits in range(2, 9))
    return levels, steps, next((each for each in rounded if int(steps / each) == total), 1.0)


def _sampling(trail: Trail, sampler: Node) -> dict[str, Any]:
    name, schedule, steps, denoise = _method(trail, sampler)
    if denoise != 1:
        raise Elsewhere
    settings = {"Steps": steps, "Sampler": name, "Schedule type": schedule}
    settings["CFG scale"] = _guidance(trail, sampler)[3]
    return {**settings, **_noise(trail, sampler)}


def _noise(trail: Trail, sampler: Node) -> dict[str, Any]:
    if sampler.type == WAYS[0]:
        return {"Seed": trail.value(sampler, "seed"), "RNG": "CPU"}
    noise = trail.source(sampler, "noise", "RandomNoise", "NoiseProfile")
    seed = trail.value(noise, "noise_seed")
    if noise.type == "RandomNoise":
        return {"Seed": seed, "RNG": "CPU"}
    settings = {"Seed": seed, "RNG": "NV" if trail.value(noise, "source") == "nv" else "CPU"}
    if trail.value(noise, "variation_strength"):
        settings["Variation seed"] = trail.value(noise, "variation_seed")
        settings["Variation seed strength"] = trail.value(noise, "variation_strength")
    if delta := trail.value(noise, "eta_noise_seed_delta"):
        settings["ENSD"] = delta
    return settings


def _networks(trail: Trail, model: Node, clip: Node) -> tuple[Node, str, int]:
    """The checkpoint, tags of what changes it, and the layer of the text encoder."""
    skip = 0
    if clip.type == "CLIPSetLastLayer":
        skip = -int(trail.value(clip, "stop_at_clip_layer"))
        clip = trail.source(clip, "clip", *CLIPS)
    tags = list(_tags(trail, model, "model"))
    if [each for _, each in _tags(trail, clip, "clip")] != [
        each for node, each in tags if node == "LoraLoader"
    ]:
        raise Elsewhere
    for _ in range(MOST):
        if model.type == "CheckpointLoaderSimple":
            return model, "".join(each for _, each in reversed(tags)), skip if skip > 1 else 0
        model = trail.source(model, "model", *MODELS)
    raise Elsewhere


def _tags(trail: Trail, node: Node, name: str) -> Iterator[tuple[str, str]]:
    """The type and the tag of every network in a row, the last one first."""
    for _ in range(MOST):
        if node.type == "CheckpointLoaderSimple":
            return
        if node.type == "HypernetworkLoader":
            file, strength = trail.value(node, "hypernetwork_name"), trail.value(node, "strength")
            yield node.type, f"<hypernet:{PurePosixPath(file).stem}:{strength}>"
        else:
            strength = trail.value(node, "strength_model")
            if node.type == "LoraLoader" and strength != trail.value(node, "strength_clip"):
                raise Elsewhere
            yield node.type, f"<lora:{PurePosixPath(trail.value(node, 'lora_name')).stem}:{strength}>"
        node = trail.source(node, name, *(MODELS if name == "model" else CLIPS))
    raise Elsewhere


def _second(trail: Trail, first: Node, second: Node) -> Mapping[str, Any]:
    """The second pass, of the same model, words, scale and noise."""
    same = _guidance(trail, first) == _guidance(trail, second) and _noise(trail, first) == _noise(
        trail, second
    )
    behind = trail.source(second, "latent_image", "LatentUpscale")
    upscaler = UPSCALERS.get(str(trail.value(behind, "upscale_method")))
    if not same or upscaler is None:
        raise Elsewhere
    name, schedule, steps, denoise = _method(trail, second)
    settings = {"Denoising strength": denoise, "Hires steps": steps, "Hires upscaler": upscaler}
    settings["Hires resize"] = f"{trail.value(behind, 'width')}x{trail.value(behind, 'height')}"
    if (name, schedule) != _method(trail, first)[:2]:
        settings |= {"Hires sampler": name, "Hires schedule type": schedule}
    return settings


def _quoted(value: Any) -> str:
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if QUOTED.search(text) else text
