"""From the library's errors, which know a remedy, to the engine's, which reach the user."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from graph import NodeError

NO_NAMES: Mapping[str, str] = {}


@contextmanager
def reported(input: str | None = None, *, names: Mapping[str, str] = NO_NAMES) -> Iterator[None]:
    """Let errors that carry a remedy say so; `input` is to blame where the error names none itself.

    `names` says by which inputs of the node those that the library names came.
    """
    try:
        yield
    except Exception as error:
        remedy = getattr(error, "remedy", None)
        if remedy is None or isinstance(error, NodeError):
            raise
        code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()
        named = getattr(error, "input", None) or input
        blamed = named and names.get(named, named)
        raise NodeError(str(error), code=code, input=blamed, remedy=remedy) from error
