"""History: what each node's last result was made of, so that the cache can say why it misses."""

from __future__ import annotations

import hashlib
import posixpath
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from graph.body import BODY
from graph.checked import Checked, StepLink

BUDGET_BYTES = 16 * 2**20
MOST_LOST = 20_000
LONGEST_TEXT = 2000
"""Characters of a literal that are kept; of the rest, a digest."""
SHOWN, CONTEXT = 40, 10
"""Characters of a literal that a reason shows, and of these before the first that differs."""

EVICTED = "evicted: the cache was full"
TOO_LARGE = "not kept: larger than the whole cache"
FAILED = "it failed the last time"
SKIPPED = "it was skipped the last time"
NOT_KEPT = "not kept on disk: made again when something needs it"


class History:
    """What the last result of each node id and type was made of, and why results left. Any thread may use it.

    What was noted longest ago leaves when the budget is full.
    """

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget = budget_bytes
        self.older: Callable[[str, str], Checked | None] = lambda node, node_type: None
        """Knows what was made of before this process."""
        self._made_of: OrderedDict[tuple[str, str], tuple[Checked, int]] = OrderedDict()
        self._bytes = 0
        self._has_forgotten = False
        self._lost: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._made_of)

    @property
    def bytes(self) -> int:
        return self._bytes

    def note(self, steps: Iterable[Checked]) -> None:
        """Remember what these nodes' results were made of."""
        with self._lock:
            for step in steps:
                name = (step.id, step.type)
                known = self._made_of.get(name)
                if known is not None and known[0].key == step.key:
                    self._made_of.move_to_end(name)
                    continue
                step, size = _bounded(step)
                self._bytes += size - (self._made_of.pop(name)[1] if known is not None else 0)
                self._made_of[name] = step, size
            while self._bytes > self._budget:
                _, (_, size) = self._made_of.popitem(last=False)
                self._bytes -= size
                self._has_forgotten = True

    def last(self, node: str, node_type: str) -> Checked | None:
        """What the last result of a node was made of."""
        known = self._made_of.get((node, node_type))
        return known[0] if known is not None else self.older(node, node_type)

    def lose(self, key: str, reason: str) -> None:
        """Remember why the result of a key is not there."""
        with self._lock:
            self._lost[key] = reason
            if len(self._lost) > MOST_LOST:
                self._lost.popitem(last=False)

    def regain(self, key: str) -> None:
        """The result of a key is there again."""
        self._lost.pop(key, None)

    def reason(self, step: Checked) -> str:
        """The one change that made this step miss, in words."""
        lost = self._lost.get(step.key)
        if lost is not None:
            return lost
        known = self.last(step.id, step.type)
        if known is None:
            return "not run before, or long ago" if self._has_forgotten else "not run before"
        if known.key == step.key:
            is_ours = (step.id, step.type) in self._made_of
            return "no longer in the cache" if is_ours else NOT_KEPT
        first, *others = [*_changes(known, step)] or ["something that enters its key changed"]
        return f"{first} (and {len(others)} more)" if others else first


def bounded(step: Checked) -> Checked:
    """The step without its longest texts."""
    return _bounded(step)[0]


def _bounded(step: Checked) -> tuple[Checked, int]:
    """The step without its longest texts, and about how many bytes it keeps."""
    length = sum(map(len, step.values))
    if length > LONGEST_TEXT:
        step = replace(step, arguments={}, values=[_kept(text) for text in step.values])
        length = sum(map(len, step.values))
    return step, 500 + length + 80 * len(step.values) + 250 * len(step.links)


def _kept(text: str) -> str:
    if len(text) <= LONGEST_TEXT + 20:  # so that what was shortened once stays as it is
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{text[:LONGEST_TEXT]}…{digest}"


def _changes(old: Checked, new: Checked) -> Iterator[str]:
    """What differs: the node's own things first, then what comes from above."""
    if old.prefix != new.prefix:
        yield f"the code of {new.type} changed"
    before, now = _values(old), _values(new)
    old_files, new_files = old.files or {}, new.files or {}
    for name in now:
        if name in before and before[name] != now[name]:
            if name == BODY:
                yield _inside(old, new)
            elif name in new_files and old_files.get(name) == new_files[name]:
                yield f"the file {posixpath.basename(new_files[name])} changed"
            else:
                shown = _shown(old_files.get(name, before[name]), new_files.get(name, now[name]))
                yield f"{name} changed from {shown[0]} to {shown[1]}"
    yield from _changed_links(old, new)
    if old.salt != new.salt:
        yield "its fingerprint changed"


def _inside(old: Checked, new: Checked) -> str:
    """What changed inside a zone: the first node's own change, where both bodies are still known."""
    before = {draft.id: draft for draft in old.body.drafts} if old.body is not None else {}
    for draft in new.body.drafts if new.body is not None else ():
        if draft.id not in before:
            return f"inside, {draft.id} is new" if before else "what is inside it changed"
        changes = (each for each in _changes(before[draft.id], draft) if not each.startswith("the result of"))
        if change := next(changes, ""):
            return f"inside, {draft.id}: {change}"
    return "what is inside it changed"


def _values(step: Checked) -> dict[str, str]:
    parts = (_kept(text).partition("=") for text in step.values)
    return {name: value.removesuffix(";") for name, _, value in parts}


def _shown(old: str, new: str) -> tuple[str, str]:
    """Both values, short, and so that what differs is seen."""
    if len(old) <= SHOWN and len(new) <= SHOWN:
        return old, new
    pairs = enumerate(zip(old, new, strict=False))
    differs = next((place for place, (a, b) in pairs if a != b), min(len(old), len(new)))
    start = max(0, differs - CONTEXT)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    end = start + SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _changed_links(old: Checked, new: Checked) -> Iterator[str]:
    before, now = _arriving(old), _arriving(new)
    for name in {**now, **before}:
        was, now_is = before.get(name, []), now.get(name, [])
        if [brings for _, brings in was] == [brings for _, brings in now_is]:
            continue
        if not was:
            yield f"{name} is linked now"
        elif not now_is:
            yield f"{name} is no longer linked"
        elif [_end(link) for link, _ in was] == [_end(link) for link, _ in now_is]:
            changed = (link for (link, new), (_, old) in zip(now_is, was, strict=True) if new != old)
            yield f"the result of {next(changed).source} changed"
        elif len(was) == len(now_is) == 1:
            yield f"{name} is linked to {_end(now_is[0][0])} instead of {_end(was[0][0])}"
        else:
            yield f"the links into {name} changed"


def _arriving(step: Checked) -> dict[str, list[tuple[StepLink, str]]]:
    arriving: dict[str, list[tuple[StepLink, str]]] = {}
    for link, brings in zip(step.links, step.above, strict=True):
        arriving.setdefault(link.input, []).append((link, brings))
    return arriving


def _end(link: StepLink) -> str:
    return f"{link.source}.{link.output}"
