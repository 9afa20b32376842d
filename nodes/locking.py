"""Locks: what a picture depends on beside its workflow, so that a replay can be verified, not hoped for."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from graph import Context
from graph.context import Many

FORMAT, VERSION = "tessera.lock", 1


@dataclass(frozen=True)
class Environment:
    """Versions and numerics of this program; the composition root hands it to all nodes."""

    describe: Callable[[], Mapping[str, object]]


def lock_of(context: Context) -> dict[str, Any]:
    """The lock of all that this sink saves; empty where nobody knows the environment."""
    try:
        environment = context.shared(Environment)
    except LookupError:
        return {}
    made_by = context.made_by()
    files = {name: _file_digest(path) for name, path in made_by.files.items() if path.is_file()}
    files |= {name: _digest_of_many(many) for name, many in made_by.many.items()}
    return {
        "format": FORMAT,
        "version": VERSION,
        "node": context.instance.node if context.instance else context.node_id,
        **({"turns": turns} if (turns := _turns(context)) else {}),
        "engine": dict(environment.describe()),
        "noise": sorted(set(_noise_profiles(context.document))) or ["native"],
        "nodes": {name: dict(declared) for name, declared in made_by.types.items()},
        "files": files,
    }


def _turns(context: Context) -> dict[str, object]:
    """In which turns of the zones around it the sink saved: their axes are called as the zones are."""
    if context.instance is None:
        return {}
    node = context.instance.node
    around = {*node.split("/"), *(node[:place] for place, sign in enumerate(node) if sign == "/")}
    return {axis: place for axis, place in context.instance.coordinate if axis in around}


def _noise_profiles(document: Mapping[str, Any]) -> Iterator[str]:
    bodies = (each for each in document.get("subgraphs", ()) if isinstance(each, Mapping))
    for each in (node for graph in (document, *bodies) for node in graph.get("nodes", ())):
        profile = each.get("inputs", {}).get("profile")
        if each.get("type") == "NoiseProfile":
            yield str(profile or "native")


@lru_cache(16)
def _digest_of_many(many: Many) -> str:
    """One digest of many files, whatever they are called."""
    from diffusion.checkpoint.digest import sampled_digest

    digests = (sampled_digest(path) for path in many.paths if path.is_file())
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _file_digest(path: Path) -> str:
    status = path.stat()
    return _remembered_digest(path, status.st_size, status.st_mtime_ns)


@lru_cache(256)
def _remembered_digest(path: Path, size: int, time: int) -> str:
    """By content alone, unlike the digests of keys: a copy of the file elsewhere has the same."""
    from diffusion.checkpoint.digest import sampled_digest

    return sampled_digest(path)
