"""Nodes that join conditioning, empty it, and say when it applies."""

from typing import Annotated

from graph import Range, node
from nodes.errors import reported
from nodes.types import Conditioning

Share = Annotated[float, Range(0, 1, 0.01), "how much of the first; the rest is of the second"]
Fraction = Annotated[float, Range(0, 1, 0.001), "of the way from noise (0) to picture (1)"]


@node(
    id="ConditioningCombine",
    title="Conditioning (Combine)",
    category="conditioning",
    search=("and", "mix prompts"),
)
def conditioning_combine(conditioning_1: Conditioning, conditioning_2: Conditioning) -> Conditioning:
    """Steer towards both: what the model sees under each is averaged."""
    return (*conditioning_1, *conditioning_2)


@node(
    id="ConditioningConcat",
    title="Conditioning (Concat)",
    category="conditioning",
    search=("join prompts", "break"),
)
def conditioning_concat(conditioning_to: Conditioning, conditioning_from: Conditioning) -> Conditioning:
    """Let the model read both prompts at once, each in windows of its own."""
    from diffusion.conditioning import concatenated

    with reported():
        return concatenated(conditioning_to, conditioning_from)


@node(
    id="ConditioningAverage",
    title="ConditioningAverage",
    category="conditioning",
    search=("mix prompts", "blend", "interpolate"),
)
def conditioning_average(
    conditioning_to: Conditioning, conditioning_from: Conditioning, conditioning_to_strength: Share = 1.0
) -> Conditioning:
    """Mix the vectors of two prompts, token by token: something between both."""
    from diffusion.conditioning import averaged

    with reported():
        return averaged(conditioning_to, conditioning_from, conditioning_to_strength)


@node(
    id="ConditioningSetTimestepRange",
    title="ConditioningSetTimestepRange",
    category="advanced/conditioning",
    search=("prompt scheduling", "start", "end"),
)
def conditioning_set_timestep_range(
    conditioning: Conditioning, start: Fraction = 0.0, end: Fraction = 1.0
) -> Conditioning:
    """Let a prompt apply on a part of the way from noise to picture only."""
    from diffusion.conditioning import timed

    with reported():
        return timed(conditioning, start, end)


@node(
    id="ConditioningZeroOut",
    title="ConditioningZeroOut",
    category="advanced/conditioning",
    search=("empty", "unconditional"),
)
def conditioning_zero_out(conditioning: Conditioning) -> Conditioning:
    """Say nothing at all, which is less than an empty prompt says."""
    from diffusion.conditioning import emptied

    return emptied(conditioning)
