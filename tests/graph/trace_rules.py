"""The rules of Chrome's trace format, as far as our traces use it: what breaks one is named.

https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU (Trace Event Format)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

Event = Mapping[str, Any]
NEEDS = {
    "X": ("name", "cat", "pid", "tid", "ts", "dur"),
    "b": ("name", "cat", "pid", "tid", "ts", "id"),
    "e": ("name", "cat", "pid", "tid", "ts", "id"),
    "C": ("name", "pid", "ts", "args"),
    "M": ("name", "pid", "args"),
}
"""By phase the fields without which a reader drops an event."""
METADATA = ("process_name", "thread_name")
ROUNDING = 1e-3
"""Microseconds."""


def faults(trace: Mapping[str, Any]) -> list[str]:
    """Everything that a reader of traces would drop or misread."""
    events = trace.get("traceEvents")
    if not isinstance(events, list) or trace.get("displayTimeUnit", "ms") not in ("ms", "ns"):
        return ["it is not an object with a list of traceEvents"]
    found = [f"{place}: {fault}" for place, event in enumerate(events) for fault in _faults_of(event)]
    if found:
        return found
    return [*_unnamed(events), *_unpaired(events), *_overlapping(events)]


def _faults_of(event: Any) -> Iterator[str]:
    phase = event.get("ph") if isinstance(event, Mapping) else None
    if phase not in NEEDS:
        yield f"ph is {phase!r}"
        return
    yield from (f"{phase} without {name}" for name in NEEDS[phase] if name not in event)
    for name in ("pid", "tid"):
        if name in event and type(event[name]) is not int:
            yield f"{name} is {event[name]!r}, not a whole number"
    for name in ("ts", "dur"):
        if name in event and not _is_time(event[name]):
            yield f"{name} is {event[name]!r}, not microseconds from 0"
    if "args" in event and not isinstance(event["args"], Mapping):
        yield "args is no object"
    elif phase == "C" and not all(_is_time(value) for value in event["args"].values()):
        yield "a counter counts what is no number"
    elif phase == "M" and (
        event.get("name") not in METADATA or not isinstance(event["args"].get("name"), str)
    ):
        yield f"metadata {event.get('name')!r} names nothing"


def _is_time(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def _unnamed(events: Sequence[Event]) -> Iterator[str]:
    """Threads and programs without a name, or with two."""
    named = [(event["pid"], event.get("tid")) for event in events if event["ph"] == "M"]
    yield from (f"{each} has two names" for each in set(named) if named.count(each) > 1)
    used = {(event["pid"], event["tid"]) for event in events if event["ph"] in "Xbe"}
    used |= {(event["pid"], None) for event in events}
    yield from (f"{each} has no name" for each in sorted(used - set(named), key=str))


def _unpaired(events: Sequence[Event]) -> Iterator[str]:
    """Spans that begin and do not end, end and do not begin, or end before they begin."""
    open_spans: dict[tuple[Any, ...], Event] = {}
    for event in events:
        which = (event.get("cat"), event.get("id"), event.get("name"))
        if event["ph"] == "b":
            if which in open_spans:
                yield f"{which} begins twice"
            open_spans[which] = event
        elif event["ph"] == "e":
            began = open_spans.pop(which, None)
            if began is None or began["ts"] > event["ts"]:
                yield f"{which} ends before it begins"
    yield from (f"{which} does not end" for which in open_spans)


def _overlapping(events: Sequence[Event]) -> Iterator[str]:
    """Spans of one thread that are neither apart nor one inside the other."""
    threads: dict[tuple[int, int], list[Event]] = {}
    for event in events:
        if event["ph"] == "X":
            threads.setdefault((event["pid"], event["tid"]), []).append(event)
    for spans in threads.values():
        around: list[Event] = []
        for span in sorted(spans, key=lambda span: (span["ts"], -span["dur"])):
            while around and _end(around[-1]) <= span["ts"] + ROUNDING:
                around.pop()
            if around and _end(span) > _end(around[-1]) + ROUNDING:
                yield f"{span['name']} overlaps {around[-1]['name']} in thread {span['tid']}"
            around.append(span)


def _end(span: Event) -> float:
    return float(span["ts"] + span["dur"])


def in_order(trace: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Whether spans with these names end one before the next begins."""
    spans = {event["name"]: event for event in trace["traceEvents"] if event["ph"] == "X"}
    return all(_end(spans[one]) <= spans[two]["ts"] + ROUNDING for one, two in pairwise(names))
