"""Early cut-off: a step whose new result equals its last one leaves what follows cached.

Only the last result of the same node is compared, so that a node with a new result costs a look at its
first bytes, and no result is ever digested that nobody compares.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graph.disk import Codec, content_digest
from graph.entry import Entry, Found
from graph.keys import step_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graph.cache import Cache
    from graph.plan import Step

MOST_BYTES = 64 * 2**20
"""Larger results are not compared."""
AT_ONCE_BYTES = 64 * 2**10
"""Results up to this size are compared where the steps are scheduled; larger ones in the `io` lane."""
PLAIN = (str, int, float, bool, type(None))


def last_result(cache: Cache, step: Step) -> tuple[str, Found] | None:
    """The last other result of this node and its key, if it is known."""
    last = cache.history.last(step.id, step.type)
    if last is None or last.key == step.key:
        return None
    found = cache.find(last.key)
    return (last.key, found) if found is not None and found.bytes <= MOST_BYTES else None


def is_same(old: Found, new: Entry, codec: Codec | None) -> bool:
    """Whether two results have the same content, to the bit."""
    if isinstance(old, Entry):
        if len(old.outputs) != len(new.outputs) or old.bytes != new.bytes:
            return False
        if all(map(_is_plainly_same, old.outputs, new.outputs)):
            return True
        if all(type(value) in PLAIN for value in new.outputs):
            return False
    return codec is not None and bool(new.outputs) and _is_same_packed(old, new, codec)


def _is_same_packed(old: Found, new: Entry, codec: Codec) -> bool:
    try:
        packed = codec.pack(new.outputs)
        if packed is None:
            return False
        if isinstance(old, Entry):
            return packed == codec.pack(old.outputs)
        return content_digest(packed) == old.digest
    except Exception:  # values that cannot be packed after all: what follows runs
        return False


def _is_plainly_same(old: object, new: object) -> bool:
    return old is new or (type(old) is type(new) and type(new) in PLAIN and repr(old) == repr(new))


def renamed(step: Step, planned: Sequence[Step], same: Mapping[int, str], places: Mapping[str, int]) -> Step:
    """The step under the key that it has by the content of what is above it.

    `same` holds, by place in the plan, the keys of equal results that are known.
    """
    made_of = step.made_of
    if made_of is None:
        return step
    above = list(made_of.above)
    for number, link in enumerate(step.links):
        place = places[link.source]
        if place in same:
            above[number] = above[number].replace(f"<{planned[place].key}.", f"<{same[place]}.", 1)
    if above == made_of.above:
        return step
    key = step_key(made_of.prefix, "".join(made_of.values), above, made_of.salt)
    return step._replace(key=key, made_of=replace(made_of, key=key, above=above))
