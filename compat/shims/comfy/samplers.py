"""The names of samplers and schedulers that there are, and samplers by name."""

from __future__ import annotations

from typing import Any, get_args

from compat.nodes.handles import Handle
from compat.nodes.importing import MissingPart, lacking
from nodes.sampling import SamplerName, SchedulerName

__getattr__ = lacking(__name__)

SAMPLER_NAMES = KSAMPLER_NAMES = list(get_args(SamplerName))
SCHEDULER_NAMES = list(get_args(SchedulerName))
SCHEDULER_HANDLERS = dict.fromkeys(SCHEDULER_NAMES)


class KSampler:
    """What packs ask the class for: the names. It samples nothing; `nodes.common_ksampler` does."""

    SAMPLERS = SAMPLER_NAMES
    SCHEDULERS = SCHEDULER_NAMES
    DISCARD_PENULTIMATE_SIGMA_SAMPLERS = frozenset({"dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"})

    def __init__(self, *_: Any, **__: Any) -> None:
        raise MissingPart("comfy.samplers.KSampler(…)")


def sampler_object(name: str) -> Handle:
    """A sampler as its wire carries it."""
    from diffusion.sampling.run import SamplerChoice

    if name not in SAMPLER_NAMES:
        raise ValueError(f"there is no sampler {name!r}: one of {', '.join(SAMPLER_NAMES)}")
    return Handle(SamplerChoice(name))


def calculate_sigmas(model_sampling: Any, scheduler_name: str, steps: int) -> Any:
    """The noise levels that a scheduler visits, of a model's `get_model_object("model_sampling")`."""
    import torch

    from diffusion.sampling.schedules import denoising_levels

    schedule = model_sampling.schedule
    return torch.tensor(denoising_levels(schedule, scheduler_name, steps, denoise=1.0), dtype=torch.float32)
