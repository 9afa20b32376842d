"""Copies of networks for where they compute: with tensors of their own, or with tensors that come and go.

The original, mapped from its file, is the truth and never changes. A copy knows of every tensor which
changes it has: what is right already is not touched again, and what was changed is copied anew.
"""

from __future__ import annotations

import copy
import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

import torch
from torch import Tensor, nn

from diffusion.adapters.weight_patch import WeightPatch
from diffusion.adapters.weights import Parts, changed
from diffusion.memory import Placement, placed, tensors_by_name
from diffusion.watching import Check

Change = tuple[int, float, Parts]
"""One change of a weight: which parts (by identity), how strongly, and the parts themselves."""
Changes = Mapping[str, tuple[Change, ...]]
"""What changes each weight, in order."""


def changes_of(patches: Sequence[WeightPatch]) -> Changes:
    """What patches change, weight by weight."""
    found: dict[str, tuple[Change, ...]] = {}
    for patch in patches:
        for name, parts in patch.changes():
            found[name] = (*found.get(name, ()), (id(parts), patch.strength, parts))
    return found


def under(changes: Sequence[Change], original: Tensor, device: torch.device) -> Tensor:
    """The original on a device, with changes that are computed there in float32; may be the original."""
    value = original.to(device)
    for _, strength, parts in changes:
        value = changed(value, parts, strength)
    return value


def rebuilt(network: nn.Module, tensors: Mapping[str, Tensor]) -> nn.Module:
    """The network in modules of its own, around other tensors; those that are not given are shared."""
    memo: dict[int, object] = {}
    for name, tensor in tensors_by_name(network).items():
        given = tensors.get(name, tensor)
        if given is not tensor and isinstance(tensor, nn.Parameter):
            given = nn.Parameter(given, requires_grad=False)
        memo[id(tensor)] = given
    return copy.deepcopy(network, memo)


class Copy(ABC):
    """A network where it computes; whoever uses it holds `lock`. `streamed` is how it was asked for."""

    kept = 1
    """How many of its kind there are of one network at most."""

    def __init__(self, network: nn.Module, placement: Placement, changes: Changes, *, streamed: bool) -> None:
        self.original = weakref.ref(network)
        self.placement, self.streamed = placement, streamed
        self.bytes = self.needs(network, placement, changes)
        self.users = 0
        self.lock = threading.RLock()
        self.module: nn.Module | None = None
        self._end = weakref.finalize(network, self._outlived)
        self._end.atexit = False

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self  # modules whose hooks are methods of a copy are copied themselves

    def free(self) -> None:
        """Hold nothing any more."""
        self._end.detach()
        self.module, self.bytes = None, 0

    def _outlived(self) -> None:
        """Nobody can ask for it any more: give its memory back, to other programs, too."""
        self.free()
        if self.placement.device.type == "cuda":
            torch.cuda.empty_cache()

    def serves(self, changes: Changes) -> bool:
        """Whether this copy can be brought under changes."""
        return self.module is not None

    @classmethod
    @abstractmethod
    def needs(cls, network: nn.Module, placement: Placement, changes: Changes) -> int:
        """The bytes that a copy takes."""

    @abstractmethod
    def bring(self, changes: Changes, check: Check) -> None:
        """Put the weights under exactly these changes; stopped halfway, it goes on from there."""


class DeviceCopy(Copy):
    """All tensors on a device. Changes are merged in place, and undone by copying the original again."""

    def __init__(self, network: nn.Module, placement: Placement, changes: Changes, *, streamed: bool) -> None:
        super().__init__(network, placement, changes, streamed=streamed)
        own = {
            name: torch.empty_like(tensor, device=placement.device, dtype=placement.dtype_for(tensor))
            for name, tensor in self.own(network, changes).items()
        }
        self.module = rebuilt(network, own)
        self.module.placement = None  # it computes where its weights are
        self._brought: dict[str, tuple[Change, ...]] = {}
        self._complete: Changes | None = None

    @classmethod
    def own(cls, network: nn.Module, changes: Changes) -> dict[str, Tensor]:
        """The originals of the tensors that the copy has for itself."""
        return tensors_by_name(network)

    @classmethod
    def needs(cls, network: nn.Module, placement: Placement, changes: Changes) -> int:
        return sum(map(placement.size_of, cls.own(network, changes).values()))

    @torch.no_grad()
    def bring(self, changes: Changes, check: Check) -> None:
        if self._complete == changes:
            return
        network, self._complete = self.original(), None
        assert network is not None and self.module is not None
        mine = tensors_by_name(self.module)
        for name, original in self.own(network, changes).items():
            wanted = changes.get(name, ())
            if self._brought.get(name) != wanted:
                check()
                mine[name].copy_(under(wanted, original, self.placement.device))
                self._brought[name] = wanted
        self._complete = changes


class HomeCopy(DeviceCopy):
    """At home only what changes touch is its own, all else is the original's; other changes, another copy."""

    kept = 3

    def __init__(self, network: nn.Module, placement: Placement, changes: Changes, *, streamed: bool) -> None:
        super().__init__(network, placement, changes, streamed=streamed)
        self._only = changes

    @classmethod
    def own(cls, network: nn.Module, changes: Changes) -> dict[str, Tensor]:
        return {name: network.get_parameter(name) for name in changes}

    def serves(self, changes: Changes) -> bool:
        return super().serves(changes) and self._only == changes


class StreamedCopy(Copy):
    """Part by part: the tensors of a module come when it is called, and leave when it has answered.

    What comes together is a part (see `parts_of`). Modules inside a part bring their own tensors, too, for
    callers that pass the part by: patches, and networks that offer a piece of their work by itself.
    """

    def __init__(self, network: nn.Module, placement: Placement, changes: Changes, *, streamed: bool) -> None:
        super().__init__(network, placement, changes, streamed=streamed)
        self._homes = {name: tensor.detach() for name, tensor in tensors_by_name(network).items()}
        # Around the same memory, so that these can be pointed elsewhere and back.
        made = rebuilt(network, {name: home.view_as(home) for name, home in self._homes.items()})
        self._names = {id(tensor): name for name, tensor in tensors_by_name(made).items()}
        for part in parts_of(made):
            for module in part.modules():
                module.register_forward_pre_hook(self._arrive)
                module.register_forward_hook(self._leave, always_call=True)
        self.module = placed(made, placement)  # its weights do not tell where it computes
        self._changes: Changes = {}
        self._there: dict[int, list[Tensor]] = {}

    @classmethod
    def needs(cls, network: nn.Module, placement: Placement, changes: Changes) -> int:
        sizes = (sum(map(placement.size_of, tensors_by_name(part).values())) for part in parts_of(network))
        return max(sizes, default=0)

    def bring(self, changes: Changes, check: Check) -> None:
        self._changes = changes

    @torch.no_grad()
    def _arrive(self, module: nn.Module, args: object) -> None:
        brought = self._there[id(module)] = []
        for tensor in (*module.parameters(), *module.buffers()):
            name = self._names.get(id(tensor))
            if name is None or tensor.data_ptr() != (home := self._homes[name]).data_ptr():
                continue  # a patch's own, or brought by a module around this one
            value = under(self._changes.get(name, ()), home, self.placement.device)
            tensor.data = value.to(self.placement.dtype_for(home), copy=value is home)
            brought.append(tensor)

    def _leave(self, module: nn.Module, args: object, answer: object) -> None:
        for tensor in self._there.pop(id(module), ()):
            tensor.data = self._homes[self._names[id(tensor)]]


def parts_of(network: nn.Module) -> Iterator[nn.Module]:
    """The modules that come to a device one by one: those called first that are no mere row of others.

    A module that is called comes whole, because it may use weights of modules inside it without calling
    them; one whose class says `in_parts` does not, and goes on by its children.
    """
    for child in network.children():
        called = type(child).forward is not nn.Module.forward
        if called and not getattr(child, "in_parts", isinstance(child, nn.Sequential)):
            yield child
        else:
            yield from parts_of(child)
