"""What differs between two runs: which node, which input, from what to what, and what each of them showed."""

from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from graph.records import OUT
from service.bodies import bodies, records
from service.protocol import answer
from service.state import find_run

Record = dict[str, Any]
Document = Mapping[str, Any]


async def compare_runs(request: web.Request) -> web.Response:
    """From the first run of the address to the second."""
    before, after = find_run(request), find_run(request, "other")
    changes = list(differences(before["document"], after["document"]))
    shown = {"before": before["artifacts"], "after": after["artifacts"]}
    return answer({"before": before["id"], "after": after["id"], "changes": changes, "artifacts": shown})


def differences(before: Document, after: Document) -> Iterator[Record]:
    """What is different of what determines results; where nodes lie and how they are called is not."""
    old, new = _nodes(before), _nodes(after)
    fed_before, fed_after = _feeds(before), _feeds(after)
    for name in [*old, *(name for name in new if name not in old)]:
        one, other = old.get(name), new.get(name)
        if one is None or other is None:
            change = "added" if one is None else "removed"
            yield {"node": name, "type": (one or other or {}).get("type"), "change": change}
            continue
        about = {"node": name, "type": other.get("type"), "change": "changed"}
        for field, usual in (("type", None), ("mode", "active")):
            values = one.get(field, usual), other.get(field, usual)
            if values[0] != values[1]:
                yield {**about, "field": field, "from": values[0], "to": values[1]}
        read_before = {**_literals(one), **fed_before.get(name, {})}
        yield from _inputs(about, read_before, {**_literals(other), **fed_after.get(name, {})})


def _inputs(about: Record, before: Record, after: Record) -> Iterator[Record]:
    """Each side is {"value": …} or {"links": …}: what the input read; null where it read nothing."""
    for name in [*before, *(name for name in after if name not in before)]:
        one, other = before.get(name), after.get(name)
        if repr(one) != repr(other):  # 1, 1.0 and true are equal in Python, and not the same values.
            yield {**about, "input": name, "from": one, "to": other}


def _nodes(document: Document) -> dict[str, Document]:
    """Those in sub-graphs as `@refine/scale`; a sub-graph is one itself, with the defaults of its inputs."""
    found: dict[str, Document] = {}
    for prefix, graph in bodies(document):
        if prefix:
            defaults = {str(each.get("name")): each.get("default") for each in records(graph, "inputs")}
            given = {name: value for name, value in defaults.items() if value is not None}
            found[prefix[:-1]] = {"type": graph.get("kind", "graph"), "inputs": given}
            found[prefix + OUT] = {"type": OUT}
        nodes = (node for node in records(graph, "nodes") if isinstance(node.get("id"), str))
        found |= {prefix + node["id"]: node for node in nodes}
    return found


def _literals(node: Document) -> Record:
    inputs = node.get("inputs")
    return {name: {"value": value} for name, value in inputs.items()} if isinstance(inputs, dict) else {}


def _feeds(document: Document) -> dict[str, Record]:
    """The outputs that lead to each input of each node, in their order; they win over literals."""
    feeds: dict[str, Record] = {}
    for prefix, graph in bodies(document):
        for link in records(graph, "links"):
            match link:
                case {"from": [str(source), str(output)], "to": [str(node), str(given)]}:
                    side = feeds.setdefault(prefix + node, {}).setdefault(given, {"links": []})
                    side["links"].append([source, output])
    return feeds
