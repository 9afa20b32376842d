"""What a run holds: each step's outputs, from when they are made until their last use."""

from __future__ import annotations


class Holding:
    """Outputs by place in the run, counted down use by use."""

    def __init__(self) -> None:
        self._outputs: dict[int, tuple[object, ...]] = {}
        self._uses: dict[int, int] = {}

    def expect(self, place: int) -> None:
        """Announce one use of a place's outputs; all are announced before the first is kept."""
        self._uses[place] = self._uses.get(place, 0) + 1

    def is_expected(self, place: int) -> bool:
        """Whether anything will still use a place's outputs."""
        return place in self._uses

    def keep(self, place: int, outputs: tuple[object, ...]) -> None:
        """Hold outputs, if anything will use them."""
        if place in self._uses:
            self._outputs[place] = outputs

    def has(self, place: int) -> bool:
        return place in self._outputs

    def outputs(self, place: int) -> tuple[object, ...]:
        """What is held of a place; KeyError where it is not made yet, or let go."""
        return self._outputs[place]

    def used(self, place: int) -> int:
        """Count one use done; after the last the outputs are let go. Returns how many uses are left."""
        left = self._uses[place] - 1
        if left:
            self._uses[place] = left
        else:
            del self._uses[place]
            self._outputs.pop(place, None)
        return left
