"""What a user can put right: each error says what is wrong, which input is to blame, and what helps."""


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
