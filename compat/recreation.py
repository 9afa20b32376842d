"""The API prompt that makes again what an infotext describes, by the rules of the program that wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from compat.infotext import Infotext
from compat.local_files import Chosen, LocalFiles
from compat.loose import Record

SIZES = (16, 8192)
STEPS = (1, 10_000)
LATENT_SCALING = {
    "latent": "bilinear", "latent (antialiased)": "bilinear", "latent (bicubic)": "bicubic",
    "latent (bicubic antialiased)": "bicubic", "latent (nearest)": "nearest-exact",
    "latent (nearest-exact)": "nearest-exact",
}  # fmt: skip
PLAIN_SCALING = {"none": "lanczos", "lanczos": "lanczos", "nearest": "nearest-exact"}

Link = list[Any]
Prompt = dict[str, Record]
Rules = Literal["a1111", "comfy", "diffusers"]
"""Whose words, noise and levels."""
DROPPING: Mapping[Rules, tuple[str, ...]] = {
    "a1111": ("dpm_2", "dpm_2_ancestral", "dpmpp_3m_sde"),
    "comfy": ("dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"),
}
"""Samplers to which a program gives levels without the last but one, as ComfyUI's does in its KSampler."""


def recreate(said: Infotext, rules: Rules = "a1111", chosen: Chosen | None = None) -> Prompt:
    """Load, encode, sample, decode and save; a second pass where one was made."""
    chosen = chosen or Chosen(said, LocalFiles())
    name = said.settings.get("Model", "model")
    checkpoint = chosen.file("checkpoints", name, f"{name}.safetensors")
    prompt: Prompt = {"loader": _node("CheckpointLoaderSimple", {"ckpt_name": checkpoint})}
    model, clip = _networks(prompt, said, chosen)
    vae: Link = ["loader", 2]
    if said.settings.get("VAE", "None") not in ("None", "Automatic"):
        own = said.settings["VAE"]
        prompt["vae"], vae = _node("VAELoader", {"vae_name": chosen.file("vae", own, own)}), ["vae", 0]
    skip = said.integer("Clip skip", 1)
    if 1 < skip <= 24:
        inputs = {"clip": clip, "stop_at_clip_layer": -skip}
        prompt["clip_skip"], clip = _node("CLIPSetLastLayer", inputs), ["clip_skip", 0]
    prompt["prompt"] = _words(said, said.words, clip, rules, "Prompt")
    prompt["negative"] = _words(said, said.negative, clip, rules, "Negative prompt")
    size = {"width": _size(said, "Size-1"), "height": _size(said, "Size-2"), "batch_size": 1}
    prompt["latent"] = _node("EmptyLatentImage", size)
    prompt["noise"] = _noise(said, rules)
    sides = {"positive": ["prompt", 0], "negative": ["negative", 0]}
    prompt["guider"] = _node("CFGGuider", {"model": model, **sides, "cfg": said.decimal("CFG scale", 7.0)})
    _sample(prompt, said, model, ["latent", 0], rules)
    samples = _second_pass(prompt, said, model, vae, rules, chosen)
    prompt["decode"] = _node("VAEDecode", {"samples": samples, "vae": vae})
    prompt["save"] = _node("SaveImage", {"images": ["decode", 0], "filename_prefix": "Tessera"})
    return prompt


def _node(kind: str, inputs: Record, title: str = "") -> Record:
    made: Record = {"class_type": kind, "inputs": inputs}
    return {**made, "_meta": {"title": title}} if title else made


def _networks(prompt: Prompt, said: Infotext, chosen: Chosen) -> tuple[Link, Link]:
    """A chain of the LoRAs and hypernetworks that the prompt names."""
    model, clip = ["loader", 0], ["loader", 1]
    for place, network in enumerate(said.networks, 1):
        own = f"{network.kind}_{place}"
        inputs: Record = {"model": model}
        if network.kind == "hypernet":
            file = chosen.file("hypernetworks", network.name, f"{network.name}.pt")
            inputs |= {"hypernetwork_name": file, "strength": network.weight}
            prompt[own] = _node("HypernetworkLoader", inputs)
        else:
            strengths = {"strength_model": network.weight, "strength_clip": network.weight}
            file = chosen.file("loras", network.name, f"{network.name}.safetensors")
            inputs |= {"clip": clip, "lora_name": file, **strengths}
            prompt[own], clip = _node("LoraLoader", inputs), [own, 1]
        model = [own, 0]
    return model, clip


def _size(said: Infotext, name: str) -> int:
    return min(max(said.integer(name, 512), SIZES[0]), SIZES[1])


def _steps(said: Infotext) -> int:
    return min(max(said.integer("Steps", 20), STEPS[0]), STEPS[1])


def _words(said: Infotext, words: str, clip: Link, rules: Rules, title: str) -> Record:
    if rules != "a1111":
        return _node("CLIPTextEncode", {"text": words, "clip": clip}, title)
    emphasis = "no norm" if said.settings.get("Emphasis", "").lower() == "no norm" else "original"
    values = {"text": words, "clip": clip, "steps": _steps(said), "emphasis": emphasis}
    return _node("PromptEncodeA1111", values, title)


def _noise(said: Infotext, rules: Rules) -> Record:
    """A1111 draws on the GPU unless it was told otherwise; `nv` draws what an NVIDIA GPU does."""
    on_host = rules == "comfy" or said.settings.get("RNG", "GPU").upper() == "CPU"
    values = {
        "noise_seed": said.seed,
        "profile": rules,
        "source": "cpu" if on_host else "nv",
        "variation_seed": said.whole("Variation seed"),
        "variation_strength": min(max(said.decimal("Variation seed strength", 0.0), 0.0), 1.0),
        "eta_noise_seed_delta": min(max(said.integer("ENSD", 0), 0), 2**31),
    }
    return _node("NoiseProfile", values)


def _sample(
    prompt: Prompt,
    said: Infotext,
    model: Link,
    latent: Link,
    rules: Rules,
    *,
    denoise: float = 1.0,
    hires: bool = False,
) -> Link:
    prefix = "hires_" if hires else ""
    name, schedule = said.hires_sampler if hires else said.sampler
    steps = min(said.integer("Hires steps", 0), STEPS[1]) if hires else 0
    levels = {"scheduler": schedule, "steps": steps if steps > 0 else _steps(said), "denoise": denoise}
    prompt[f"{prefix}method"] = _node("KSamplerSelect", {"sampler_name": name})
    prompt[f"{prefix}levels"] = _node("BasicScheduler", {"model": model, **levels})
    sigmas: Link = [f"{prefix}levels", 0]
    told = rules == "a1111" and said.settings.get("Discard penultimate sigma", "").lower() == "true"
    if (told or name in DROPPING.get(rules, ())) and denoise > 0:
        sigmas = _without_last_but_one(prompt, prefix)
    chosen = {"noise": ["noise", 0], "guider": ["guider", 0]}
    ways = {"sampler": [f"{prefix}method", 0], "sigmas": sigmas}
    own = "hires" if hires else "sampler"
    prompt[own] = _node("SamplerCustomAdvanced", {**chosen, **ways, "latent_image": latent})
    return [own, 0]


def _without_last_but_one(prompt: Prompt, prefix: str) -> Link:
    """The levels of one step more, cut before the last, and none in its place; by nodes that ComfyUI has."""
    levels = prompt[f"{prefix}levels"]["inputs"]
    steps, denoise = levels["steps"], levels["denoise"]
    total = steps if denoise > 0.9999 else int(steps / denoise)
    if total >= STEPS[1]:
        return [f"{prefix}levels", 0]
    levels |= {"steps": total + 1, "denoise": 1.0}
    last: Link = [f"{prefix}levels", 0]
    for own, kind, inputs, output in (
        ("cut", "SplitSigmas", {"step": total}, 0),
        ("part", "SplitSigmas", {"step": total - steps}, 1),
        ("turned", "FlipSigmas", {}, 0),
        ("ended", "SetFirstSigma", {"sigma": 0.0}, 0),
        ("in_order", "FlipSigmas", {}, 0),
    ):
        if own != "part" or total > steps:
            prompt[prefix + own], last = _node(kind, {"sigmas": last, **inputs}), [prefix + own, output]
    return last


def _second_pass(
    prompt: Prompt, said: Infotext, model: Link, vae: Link, rules: Rules, chosen: Chosen
) -> Link:
    """A1111's "hires fix": enlarged as a latent or as a picture, then sampled again."""
    scale = said.decimal("Hires upscale", 0.0)
    if "Hires resize-1" in said.settings:
        width, height = _size(said, "Hires resize-1"), _size(said, "Hires resize-2")
    elif 1.0 < scale <= 8.0:
        width, height = (round(_size(said, key) * scale / 8) * 8 for key in ("Size-1", "Size-2"))
    else:
        return ["sampler", 0]
    upscaler = said.settings.get("Hires upscaler", "Latent")
    size: Record = {"width": width, "height": height, "crop": "disabled"}
    if upscaler.lower() in LATENT_SCALING:
        inputs = {"samples": ["sampler", 0], "upscale_method": LATENT_SCALING[upscaler.lower()], **size}
        prompt["enlarge"] = _node("LatentUpscale", inputs)
    else:
        picture = _enlarged(prompt, upscaler, vae, chosen)
        method = PLAIN_SCALING.get(upscaler.lower(), "lanczos")
        prompt["scale"] = _node("ImageScale", {"image": picture, "upscale_method": method, **size})
        prompt["enlarge"] = _node("VAEEncode", {"pixels": ["scale", 0], "vae": vae})
    denoise = min(max(said.decimal("Denoising strength", 0.7), 0.0), 1.0)
    return _sample(prompt, said, model, ["enlarge", 0], rules, denoise=denoise, hires=True)


def _enlarged(prompt: Prompt, upscaler: str, vae: Link, chosen: Chosen) -> Link:
    """The first pass as a picture, by the network that enlarged it if there was one."""
    prompt["first"] = _node("VAEDecode", {"samples": ["sampler", 0], "vae": vae})
    if upscaler.lower() in PLAIN_SCALING:
        return ["first", 0]
    file = chosen.file("upscale_models", upscaler, f"{upscaler}.pth")
    prompt["upscaler"] = _node("UpscaleModelLoader", {"model_name": file})
    inputs = {"upscale_model": ["upscaler", 0], "image": ["first", 0]}
    prompt["upscaled"] = _node("ImageUpscaleWithModel", inputs)
    return ["upscaled", 0]
