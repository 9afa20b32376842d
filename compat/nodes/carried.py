"""Values of ours with what a pack has put beside them, for packs that come after; nobody else reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diffusion.values import Cond, Latent


@dataclass(frozen=True, eq=False)
class PackLatent(Latent):
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class PackCond(Cond):
    more: Mapping[str, Any] = field(default_factory=dict)
