"""What can be wrong with a file of weights: one exception per kind, each saying what helps."""

DOWNLOAD_AGAIN = "The download was probably cut off: download the file again."


class CheckpointError(Exception):
    """A file that cannot be used: what it is about, what was given, what was expected, and the remedy."""

    def __init__(self, subject: object, *, given: str, expected: str, remedy: str) -> None:
        super().__init__(f"{subject}: given {given}, expected {expected}. {remedy}")
        self.subject = str(subject)
        self.given = given
        self.expected = expected
        self.remedy = remedy


class MissingFile(CheckpointError):
    """There is no file at the path."""


class DamagedFile(CheckpointError):
    """The file is of a known format but incomplete or inconsistent."""


class MislabelledFile(CheckpointError):
    """The content is not what the file's name says, or no weights at all."""


class UnsafeFile(CheckpointError):
    """The file is a pickle that would run code; it was not run."""


class UnknownArchitecture(CheckpointError):
    """The tensors belong to no network that can be built here."""


class MismatchedWeights(CheckpointError):
    """Tensors are missing or have other shapes than the network needs."""


class NonFiniteWeights(CheckpointError):
    """Weights hold infinities or not-a-numbers."""
