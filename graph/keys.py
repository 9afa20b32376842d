"""Keys: a result is known by the content that made it, never by where it stands in a document."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

PACKS = "custom_nodes"
"""Users' packs are modules below this name, wherever their folder lies."""
ALSO = "__also__"
"""Where a function names others that are called in its place, and count as its code."""
SIMPLE = (str, int, float, bool, bytes)
TABLES = (dict, types.MappingProxyType)  # os.environ is none
MOST_ITEMS = 10_000
"""Tables that are longer do not enter: a node that reads one says so by `version=`."""


def code_digest(function: Callable[..., Any]) -> str:
    """The digest of what a function does: its bytecode, and the functions, classes and constants it names.

    Of functions and classes those of its own package enter, with all that they name.

    Comments, docstrings and line numbers do not enter; what other packages do enters by `version=`.
    """
    digest = hashlib.blake2b(digest_size=16)
    waiting = [function, *getattr(function, ALSO, ())]
    seen = set(map(id, waiting))
    while waiting:
        current = waiting.pop()
        digest.update(_closure(current).encode())
        for code in _codes(current):
            digest.update(_code_text(code, current.__doc__).encode())
            for helper in _named(current, code):
                if not isinstance(helper, types.FunctionType):
                    digest.update(_constant(helper).encode())
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
    """The functions of the function's own package and the constants that its code names."""
    names = getattr(function, "__globals__", {})
    found = [names.get(name) for name in code.co_names]
    for module in [value for value in found if isinstance(value, types.ModuleType)]:
        if _package(module.__name__) == _package(function.__module__):
            found += [vars(module).get(name) for name in code.co_names]
    return [part for value in found for part in _parts(value, function)]


def _parts(value: object, function: Callable[..., Any]) -> Iterator[object]:
    """What of a named value enters: itself, what a decorator has wrapped, or the methods of a class.

    Of an object of an own class, its methods and the plain data that it holds.
    """
    value = getattr(value, "__wrapped__", value)
    kind = value if isinstance(value, type) else type(value)
    if _is_constant(value) or _is_own(value, function):
        yield value
    elif _package(kind.__module__) == _package(function.__module__):
        for each in kind.__mro__:
            if _package(each.__module__) == _package(kind.__module__):
                yield from _members(each)
        held = getattr(value, "__dict__", {}) if kind is not value else {}
        yield {name: each for name, each in held.items() if _is_constant(each)}


def _members(kind: type) -> Iterator[object]:
    """The methods and constants that a class itself has."""
    for name, member in vars(kind).items():
        inside = member.fget if isinstance(member, property) else member
        inside = getattr(inside, "__wrapped__", inside)  # static and class methods have it, too
        if isinstance(inside, types.FunctionType) or (_is_constant(inside) and not name.startswith("__")):
            yield inside


def _is_constant(value: object, depth: int = 8) -> bool:
    """Plain data, to a depth that ends also where something holds itself."""
    if isinstance(value, SIMPLE) or value is None:
        return True
    if isinstance(value, TABLES):
        return _is_constant(tuple(value.items()), depth)
    if not isinstance(value, tuple | list | set | frozenset) or len(value) > MOST_ITEMS:
        return False
    return depth > 0 and all(_is_constant(each, depth - 1) for each in value)


def _constant(value: object) -> str:
    """Text for plain data that is the same in every process."""
    if isinstance(value, TABLES):
        return repr({_constant(key): _constant(each) for key, each in value.items()})
    if isinstance(value, set | frozenset):
        return f"set {sorted(map(_constant, value))}"
    if isinstance(value, tuple | list):
        return f"{type(value).__name__} {[_constant(each) for each in value]}"
    return repr(value)


def _is_own(value: object, function: Callable[..., Any]) -> bool:
    return isinstance(value, types.FunctionType) and _package(value.__module__) == _package(
        function.__module__
    )


def _package(module: str | None) -> str:
    """`nodes` of `nodes.image`; of users' packs, which share a folder, `custom_nodes.pack`."""
    first, _, rest = (module or "").partition(".")
    return f"{first}.{rest.partition('.')[0]}" if first == PACKS else first


def step_key(node_key: str, literals: str, above: Sequence[str], salt: str) -> str:
    """The Merkle key of a step: its node, its literals, and what each link brings, which holds a key."""
    text = "\n".join((node_key, literals, salt, *above))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
