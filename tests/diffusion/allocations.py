"""Counts what tensors take while something computes: the truth that estimates are held against."""

import weakref
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Allocated(TorchDispatchMode):
    """Bytes of what operations made since it was entered and that still lives; `peak` is the most."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._seen: weakref.WeakSet[Any] = weakref.WeakSet()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        for tensor in tree_leaves((args, kwargs)):
            self._count(tensor, made=False)
        answer = operation(*args, **kwargs)
        for tensor in tree_leaves(answer):
            self._count(tensor, made=True)
        return answer

    def _count(self, tensor: object, *, made: bool) -> None:
        if not isinstance(tensor, Tensor) or (storage := tensor.untyped_storage()) in self._seen:
            return
        self._seen.add(storage)
        if made:
            self.now += storage.nbytes()
            self.peak = max(self.peak, self.now)
            weakref.finalize(storage, self._freed, storage.nbytes())

    def _freed(self, size: int) -> None:
        self.now -= size
