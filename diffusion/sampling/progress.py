"""How far a sampler has come on its way: 0 at its first step, 1 at its last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Progress:
    """The part of the way for a noise level; between the levels of two steps by the level's logarithm."""

    def __init__(self, sigmas: Sequence[float]) -> None:
        begins = [sigma for sigma in sigmas[:-1] if sigma > 0]
        parts = np.linspace(0.0, 1.0, max(len(begins), 1))
        self._known = {sigma: float(part) for sigma, part in reversed([*zip(begins, parts, strict=False)])}
        rising = sorted(self._known)
        self._levels = np.log(rising)
        self._parts = np.array([self._known[sigma] for sigma in rising])

    def __call__(self, sigma: float) -> float:
        if sigma in self._known:
            return self._known[sigma]
        if not self._known:
            return 0.0
        return float(np.interp(np.log(max(sigma, 1e-9)), self._levels, self._parts))
