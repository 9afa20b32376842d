"""What a run holds: each step's outputs, from when they are made until their last use."""

from __future__ import annotations


class Holding:
    """Outputs by place in the plan, counted down use by use."""

    def __init__(self, places: int) -> None:
        self._outputs: list[tuple[object, ...] | None] = [None] * places
        self._uses = [0] * places

    def expect(self, place: int) -> None:
        """Announce one use of a place's outputs; all are announced before the first is kept."""
        self._uses[place] += 1

    def is_expected(self, place: int) -> bool:
        """Whether anything will still use a place's outputs."""
        return self._uses[place] > 0

    def keep(self, place: int, outputs: tuple[object, ...]) -> None:
        """Hold outputs, if anything will use them."""
        if self._uses[place]:
            self._outputs[place] = outputs

    def has(self, place: int) -> bool:
        return self._outputs[place] is not None

    def outputs(self, place: int) -> tuple[object, ...]:
        outputs = self._outputs[place]
        if outputs is None:
            raise LookupError("released before its last use")
        return outputs

    def used(self, place: int) -> int:
        """Count one use done; after the last the outputs are let go. Returns how many uses are left."""
        self._uses[place] -= 1
        if not self._uses[place]:
            self._outputs[place] = None
        return self._uses[place]
