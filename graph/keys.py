"""Keys: a result is known by the content that made it, never by where it stands in a document."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Callable, Sequence
from typing import Any

PACKS = "custom_nodes"
"""Users' packs are modules below this name, wherever their folder lies."""
SIMPLE = (str, int, float, bool, bytes)


def code_digest(function: Callable[..., Any]) -> str:
    """The digest of what a function does: its bytecode and that of the functions of its package it names.

    Comments, docstrings and line numbers do not enter; what other packages do enters by `version=`.
    """
    digest = hashlib.blake2b(digest_size=16)
    waiting, seen = [function], {id(function)}
    while waiting:
        current = waiting.pop()
        digest.update(_closure(current).encode())
        for code in _codes(current):
            digest.update(_code_text(code, current.__doc__).encode())
            for helper in _named(current, code):
                if not isinstance(helper, types.FunctionType):
                    digest.update(repr(helper).encode())
                elif id(helper) not in seen:
                    seen.add(id(helper))
                    waiting.append(helper)
    return digest.hexdigest()


def _codes(function: Callable[..., Any]) -> list[types.CodeType]:
    """The function's code and that of the functions, comprehensions and classes inside it."""
    first = getattr(function, "__code__", None)
    codes = [first] if isinstance(first, types.CodeType) else []
    for code in codes:  # grows while it is walked
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return codes


def _code_text(code: types.CodeType, doc: str | None) -> str:
    parts = [code.co_code.hex(), repr(code.co_names), repr(code.co_varnames)]
    for constant in code.co_consts:
        if isinstance(constant, frozenset):
            parts.append(repr(sorted(map(repr, constant))))
        elif not isinstance(constant, types.CodeType) and (doc is None or constant != doc):
            parts.append(repr(constant))
    return " ".join(parts)


def _closure(function: Callable[..., Any]) -> str:
    """Simple values that a factory closed over, so that its products differ."""
    cells = getattr(function, "__closure__", None) or ()
    return repr([content for content in map(_content, cells) if isinstance(content, SIMPLE)])


def _content(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # an empty cell
        return ()


def _named(function: Callable[..., Any], code: types.CodeType) -> list[object]:
    """The functions of the function's own package and the simple constants that its code names."""
    names = getattr(function, "__globals__", {})
    found = (names.get(name) for name in code.co_names)
    return [value for value in found if isinstance(value, SIMPLE) or _is_own(value, function)]


def _is_own(value: object, function: Callable[..., Any]) -> bool:
    return isinstance(value, types.FunctionType) and _package(value) == _package(function)


def _package(function: Callable[..., Any]) -> str:
    """`nodes` of `nodes.image`; of users' packs, which share a folder, `custom_nodes.pack`."""
    first, _, rest = (function.__module__ or "").partition(".")
    return f"{first}.{rest.partition('.')[0]}" if first == PACKS else first


def step_key(node_key: str, literals: str, above: Sequence[str], salt: str) -> str:
    """The Merkle key of a step: its node, its literals, and what each link brings, which holds a key."""
    text = "\n".join((node_key, literals, salt, *above))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
