"""Brownian paths over noise levels that are known at every level without being stored (arXiv 2001.01328).

A path is fixed by what is drawn for each node of a tree: the root's draw says how far it goes over the whole
range, a node's draw how far over the left half of the node's range. So a path does not depend on where it is
asked: noise between two levels is the same in 10 steps and in 20, and a step's middle lies on the way to its
end. A node is known by its depth (the range is halved so often) and its place from the left at this depth.
"""

from collections import OrderedDict
from collections.abc import Callable
from math import sqrt

import numpy as np
from torch import Tensor

DrawNode = Callable[[int, int], Tensor]
ROOT = (-1, 0)
KEPT = 64
"""Nodes whose increments are kept: neighbouring levels share most of the way down the tree."""


class BrownianTree:
    """A path from `low` to `high`, to `digits` decimal places; `draw(depth, place)` gives unit noise."""

    def __init__(self, draw: DrawNode, low: float, high: float, *, digits: int) -> None:
        self._draw, self._digits = draw, digits
        self._low, self._high = round(low, digits), round(high, digits)
        self._known: OrderedDict[tuple[int, int], Tensor] = OrderedDict()

    def between(self, sigma: float, sigma_next: float) -> Tensor:
        """Unit noise of an interval: the way from one level to the other over the root of their distance."""
        return (self.at(sigma_next) - self.at(sigma)) / sqrt(abs(sigma - sigma_next))

    def at(self, sigma: float) -> Tensor:
        """Where the path is at a level, counted from the lowest one; outside the range, at its end."""
        level = min(max(round(sigma, self._digits), self._low), self._high)
        start, end, depth, place = self._low, self._high, 0, 0
        width = self._increment(ROOT, sqrt(end - start))
        reached = width * 0
        while level not in (start, end):
            middle = round((start + end) / 2, self._digits)
            left, right = middle - start, end - middle
            bridge = self._increment((depth, place), sqrt(left * right / (end - start)))
            first = width * (left / (end - start)) + bridge
            if level <= middle:
                end, width, place = middle, first, 2 * place
            else:
                start, width, place, reached = middle, width - first, 2 * place + 1, reached + first
            depth += 1
        return reached + width if level == end else reached

    def _increment(self, node: tuple[int, int], scale: float) -> Tensor:
        """What a node's draw adds."""
        if node not in self._known:
            self._known[node] = self._draw(*node) * scale
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(node)
        return self._known[node]


def torchsde_seed(entropy: int, depth: int, place: int) -> int:
    """The seed of a node in torchsde's tree, which k-diffusion, ComfyUI and A1111 draw SDE noise from."""
    key = () if (depth, place) == ROOT else (place, depth)
    return int(np.random.SeedSequence(entropy, spawn_key=key, pool_size=24).generate_state(1)[0])
