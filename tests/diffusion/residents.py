"""Small networks that compute on a device with a memory of its own, which here is the processor's."""

from functools import cache

import torch
from torch import Tensor, nn

from diffusion.adapters.weight_patch import WeightPatch
from diffusion.memory import Placement, placed
from diffusion.residency import Memory

CPU = torch.device("cpu")
SIDE = 16
BYTES = 3 * (SIDE * SIDE + SIDE) * 4
"""Of a network below, in float32."""


def network(seed: int = 0) -> nn.Sequential:
    """Three layers of seeded weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = nn.Sequential(*(nn.Linear(SIDE, SIDE) for _ in range(3)))
    return made.eval().requires_grad_(False)


def memory_of(networks: float) -> Memory:
    """One with room for so many networks."""
    return Memory(CPU, budget=int(networks * BYTES))


def elsewhere(made: nn.Module, memory: Memory, dtype: torch.dtype = torch.float32) -> nn.Module:
    """A network that has to be brought to where it computes."""
    return placed(made, Placement(CPU, dtype, memory))


def lora(strength: float = 1.0, *, seed: int = 0, modules: tuple[str, ...] = ("0", "2")) -> WeightPatch:
    """A LoRA of rank 2; of one seed, its parts are the same objects at every strength."""
    return WeightPatch(f"lora {seed}", {module: parts(seed, module) for module in modules}, strength)


@cache
def parts(seed: int, module: str) -> dict[str, Tensor]:
    """What a LoRA says of a module."""
    noise = torch.Generator().manual_seed(seed)
    down, up = torch.randn(2, SIDE, generator=noise), torch.randn(SIDE, 2, generator=noise)
    return {"lora_down.weight": down, "lora_up.weight": up}


class Counter:
    """A check that counts, and stops at a number."""

    def __init__(self, last: int | None = None) -> None:
        self.calls, self.last = 0, last

    def __call__(self) -> None:
        if self.calls == self.last:
            raise Stopped
        self.calls += 1


class Stopped(Exception):
    """Somebody stopped it."""


def same(one: nn.Module, other: nn.Module) -> bool:
    """Whether all tensors of two networks are equal to the bit."""
    mine, others = one.state_dict(), other.state_dict()
    return mine.keys() == others.keys() and all(torch.equal(mine[name], others[name]) for name in mine)
