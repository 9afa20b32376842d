"""What SwarmUI and InvokeAI say of their pictures, in the terms of an infotext."""

from __future__ import annotations

from compat.infotext import Infotext
from compat.loose import Record, items, name, number, record, records, text

INVOKE_SAMPLERS = {
    "euler_a": "euler_ancestral", "kdpm_2": "dpm_2", "kdpm_2_a": "dpm_2_ancestral", "pndm": "ipndm",
    "unipc": "uni_pc", "dpmpp_2s": "dpmpp_2s_ancestral",
}  # fmt: skip
SWARM = {
    "Steps": "steps", "CFG scale": "cfgscale", "Seed": "seed", "Model": "model", "Sampler": "sampler",
    "Schedule type": "scheduler", "Variation seed": "variationseed",
    "Variation seed strength": "variationseedstrength", "VAE": "vae",
}  # fmt: skip
INVOKE = {"Steps": "steps", "CFG scale": "cfg_scale", "Seed": "seed", "Denoising strength": "strength"}
EXTENSIONS = (".safetensors", ".ckpt", ".pt", ".bin")


def is_invoke(value: Record) -> bool:
    return "positive_prompt" in value and ("scheduler" in value or "generation_mode" in value)


def read_swarm(values: Record) -> Infotext:
    """SwarmUI runs ComfyUI, and has its names."""
    settings = _settings(values, SWARM)
    settings.setdefault("Sampler", "euler")
    settings.setdefault("Schedule type", "normal")
    for own in ("Model", "VAE"):
        if own in settings:
            settings[own] = _bare(settings[own])
    weights = items(values.get("loraweights"))
    loras = [
        (text(each), _said(weights[place : place + 1]))
        for place, each in enumerate(items(values.get("loras")))
    ]
    prompt = text(values.get("prompt")) + _tags(loras)
    return Infotext(prompt, text(values.get("negativeprompt")), settings)


def read_invoke(values: Record) -> Infotext:
    """InvokeAI samples with diffusers; a schedule's name ends in _k where its levels are Karras'."""
    settings = _settings(values, INVOKE)
    scheduler = text(values.get("scheduler")) or "euler"
    bare = scheduler.removesuffix("_k")
    settings["Sampler"] = INVOKE_SAMPLERS.get(bare, bare)
    settings["Schedule type"] = "karras" if scheduler != bare else "normal"
    settings["RNG"] = "CPU" if values.get("rand_device", "cpu") == "cpu" else "GPU"
    settings["Clip skip"] = str(1 + int(min(max(number(values.get("clip_skip")), 0), 23)))
    model = record(values.get("model"))
    settings["Model"] = _bare(text(model.get("name")) or text(model.get("model_name")) or "model")
    told = text(model.get("hash"))
    if told.startswith("sha256:"):  # else it is a blake3
        settings["Model hash"] = told.removeprefix("sha256:")
    vae = record(values.get("vae"))
    if text(vae.get("name")):
        settings["VAE"] = _bare(vae["name"])
    loras = []
    for each in records(values.get("loras")):
        lora = record(each.get("model")) or record(each.get("lora"))
        loras.append((text(lora.get("name")) or text(lora.get("model_name")), _said([each.get("weight")])))
    return Infotext(
        text(values.get("positive_prompt")) + _tags(loras), text(values.get("negative_prompt")), settings
    )


def _settings(values: Record, names: dict[str, str]) -> dict[str, str]:
    settings = {}
    for ours, own in names.items():
        said = text(values.get(own)) or name(values.get(own)) or _said([values.get(own)])
        if said:
            settings[ours] = said
    sides = {"Size-1": values.get("width"), "Size-2": values.get("height")}
    return {**settings, **{side: _said([value]) for side, value in sides.items() if _said([value])}}


def _said(values: list[object]) -> str:
    """A number as text, "" where there is none; some programs write their numbers as text already."""
    value = values[0] if values else None
    if isinstance(value, str):
        return value[:50]
    return f"{number(value):.10g}" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _tags(loras: list[tuple[str, str]]) -> str:
    return "".join(f"<lora:{_bare(own)}:{weight or '1'}>" for own, weight in loras if own)


def _bare(file: str) -> str:
    """A model's name without what follows the last dot, if that says how it is stored."""
    return next((file.removesuffix(end) for end in EXTENSIONS if file.endswith(end)), file)
