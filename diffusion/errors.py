"""What a user can put right: each error says what is wrong, which input is to blame, and what helps."""

from typing import Self


class Correctable(Exception):
    """The base: `input` names the input of the failing call, `remedy` tells the way out."""

    def __init__(self, message: str, *, input: str | None = None, remedy: str) -> None:
        super().__init__(message)
        self.input, self.remedy = input, remedy


class Unsuitable(Correctable):
    """A value that does not fit what it is used with."""


class NotFinite(Correctable):
    """A computation ended in numbers that are no picture: not-a-number or infinity."""


class UnreadableImage(Correctable):
    """A file that is no picture, is damaged, or is too large to open."""


class OutOfMemory(Correctable):
    """What is to be computed takes more memory than there is, in the smallest way known."""

    @classmethod
    def over_budget(cls, what: str, needed: int, free: int, budget: int) -> Self:
        """Something takes more than is left of a budget when all that can leave it has left."""
        room = f"{megabytes(free)} left of {megabytes(budget)}"
        return cls(
            f"no memory for {what}: about {megabytes(needed)} needed, {room}",
            remedy=f"{LOWER}, or allow more with --memory.",
        )

    @classmethod
    def of_device(cls, device: object) -> Self:
        """The device itself had no more."""
        return cls(f"the memory of the device ({device}) is full", remedy=f"{LOWER}.")


LOWER = "Lower the size of the picture, the size of the batch, or the size of tiles"


def megabytes(size: int) -> str:
    """Bytes for people."""
    return f"{max(size, 0) / 2**20:,.0f} MB"
