"""ComfyUI's `nodes`: our nodes under its names, as classes to call and to make others of."""

from __future__ import annotations

from typing import Any

from compat.nodes.borrowed import FUNCTIONS, Classes, Titles, call_ours, class_of
from compat.nodes.here import STEP, host
from compat.nodes.importing import MissingPart
from compat.shims.comfy import model_management

_PRIVATE = (
    "Any",
    "annotations",
    "Classes",
    "FUNCTIONS",
    "Titles",
    "MissingPart",
    "STEP",
    "call_ours",
    "class_of",
    "host",
)
MAX_RESOLUTION = 16384
NODE_CLASS_MAPPINGS = Classes()
NODE_DISPLAY_NAME_MAPPINGS = Titles()
EXTENSION_WEB_DIRS: dict[str, str] = {}
"""Packs write here which of their folders hold scripts for ComfyUI's interface; none is read."""


def __getattr__(name: str) -> Any:
    if name == "__all__":  # what `from nodes import *` brings
        own = [each for each in globals() if not each.startswith("_") and each not in _PRIVATE]
        return [*own, *(each for each in FUNCTIONS if each in host().registry.types)]
    if name.startswith("_"):
        raise MissingPart(f"nodes.{name}")
    return class_of(name)


def before_node_execution() -> None:
    model_management.throw_exception_if_processing_interrupted()


def common_ksampler(
    model: Any,
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    positive: Any,
    negative: Any,
    latent: Any,
    denoise: float = 1.0,
    disable_noise: bool = False,
    start_step: int | None = None,
    last_step: int | None = None,
    force_full_denoise: bool = False,
) -> Any:
    """Sample as the two KSamplers do."""
    named = {
        **{"model": model, "steps": steps, "cfg": cfg, "sampler_name": sampler_name, "scheduler": scheduler},
        **{"positive": positive, "negative": negative, "latent_image": latent},
    }
    types = host().registry.types
    if start_step is None and last_step is None and not disable_noise:
        return call_ours(types["KSampler"], {**named, "seed": seed, "denoise": denoise})
    if denoise != 1.0:
        raise MissingPart("nodes.common_ksampler with both steps and denoise")
    parts = {
        "noise_seed": seed,
        "add_noise": "disable" if disable_noise else "enable",
        "start_at_step": start_step or 0,
        "end_at_step": 10000 if last_step is None else last_step,
        "return_with_leftover_noise": "disable" if force_full_denoise else "enable",
    }
    return call_ours(types["KSamplerAdvanced"], named | parts)


def interrupt_processing(value: bool = True) -> None:
    """Cancel the run that the pack's node is a part of."""
    step = STEP.get()
    if value and step is not None:
        raise model_management.InterruptProcessingException
