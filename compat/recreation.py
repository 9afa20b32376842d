"""The API prompt that makes again what an infotext describes."""

from __future__ import annotations

from typing import Any

from compat.infotext import Infotext
from compat.loose import Record

SIZES = (16, 8192)


def recreate(said: Infotext) -> dict[str, Any]:
    """Load, encode, sample, decode and save; a second pass where one was made."""
    name = said.settings.get("Model", "model")
    prompt: dict[str, Any] = {"loader": _node("CheckpointLoaderSimple", {"ckpt_name": f"{name}.safetensors"})}
    model, clip = _networks(prompt, said)
    skip = said.integer("Clip skip", 1)
    if 1 < skip <= 24:
        inputs = {"clip": clip, "stop_at_clip_layer": -skip}
        prompt["clip_skip"], clip = _node("CLIPSetLastLayer", inputs), ["clip_skip", 0]
    prompt["prompt"] = _node("CLIPTextEncode", {"text": said.words, "clip": clip}, "Prompt")
    prompt["negative"] = _node("CLIPTextEncode", {"text": said.negative, "clip": clip}, "Negative prompt")
    size = {"width": _size(said, "Size-1"), "height": _size(said, "Size-2"), "batch_size": 1}
    prompt["latent"] = _node("EmptyLatentImage", size)
    prompt["sampler"] = _sampler(said, model, ["latent", 0], said.integer("Steps", 20), 1.0)
    samples = _second_pass(prompt, said, model)
    vae: list[Any] = ["loader", 2]
    if said.settings.get("VAE", "None") not in ("None", "Automatic"):
        prompt["vae"], vae = _node("VAELoader", {"vae_name": said.settings["VAE"]}), ["vae", 0]
    prompt["decode"] = _node("VAEDecode", {"samples": samples, "vae": vae})
    prompt["save"] = _node("SaveImage", {"images": ["decode", 0], "filename_prefix": "Tessera"})
    return prompt


def _node(kind: str, inputs: Record, title: str = "") -> Record:
    made: Record = {"class_type": kind, "inputs": inputs}
    return {**made, "_meta": {"title": title}} if title else made


def _networks(prompt: dict[str, Any], said: Infotext) -> tuple[list[Any], list[Any]]:
    """A chain of the LoRAs and hypernetworks that the prompt names."""
    model, clip = ["loader", 0], ["loader", 1]
    for place, network in enumerate(said.networks, 1):
        own = f"{network.kind}_{place}"
        inputs: Record = {"model": model}
        if network.kind == "hypernet":
            inputs |= {"hypernetwork_name": f"{network.name}.pt", "strength": network.weight}
            prompt[own] = _node("HypernetworkLoader", inputs)
        else:
            strengths = {"strength_model": network.weight, "strength_clip": network.weight}
            inputs |= {"clip": clip, "lora_name": f"{network.name}.safetensors", **strengths}
            prompt[own], clip = _node("LoraLoader", inputs), [own, 1]
        model = [own, 0]
    return model, clip


def _size(said: Infotext, name: str) -> int:
    return min(max(said.integer(name, 512), SIZES[0]), SIZES[1])


def _sampler(said: Infotext, model: list[Any], latent: list[Any], steps: int, denoise: float) -> Record:
    name, schedule = said.sampler
    values = {"seed": said.seed, "steps": steps, "cfg": said.decimal("CFG scale", 7.0), "denoise": denoise}
    links = {"model": model, "positive": ["prompt", 0], "negative": ["negative", 0], "latent_image": latent}
    return _node("KSampler", {**values, "sampler_name": name, "scheduler": schedule, **links})


def _second_pass(prompt: dict[str, Any], said: Infotext, model: list[Any]) -> list[Any]:
    """A1111's "hires fix", with the latent enlarged whatever the upscaler was."""
    scale = said.decimal("Hires upscale", 0.0)
    if not 1.0 < scale <= 8.0:
        return ["sampler", 0]
    sizes = {
        name: round(_size(said, key) * scale / 8) * 8
        for name, key in (("width", "Size-1"), ("height", "Size-2"))
    }
    inputs = {"samples": ["sampler", 0], "upscale_method": "bicubic", **sizes, "crop": "disabled"}
    prompt["enlarge"] = _node("LatentUpscale", inputs)
    steps = said.integer("Hires steps", 0) or said.integer("Steps", 20)
    denoise = min(max(said.decimal("Denoising strength", 0.7), 0.0), 1.0)
    prompt["hires"] = _sampler(said, model, ["enlarge", 0], steps, denoise)
    return ["hires", 0]
