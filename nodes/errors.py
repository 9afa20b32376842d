"""From the library's errors, which know a remedy, to the engine's, which reach the user."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from graph import NodeError


@contextmanager
def reported(input: str | None = None) -> Iterator[None]:
    """Let errors that carry a remedy say so; `input` is to blame where the error names none itself."""
    try:
        yield
    except Exception as error:
        remedy = getattr(error, "remedy", None)
        if remedy is None or isinstance(error, NodeError):
            raise
        code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()
        blamed = getattr(error, "input", None) or input
        raise NodeError(str(error), code=code, input=blamed, remedy=remedy) from error
