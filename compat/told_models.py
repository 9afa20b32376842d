"""What other programs tell of the model files of a workflow, in the records of our documents."""

from __future__ import annotations

from compat.local_files import OLD_DIGITS, hash_of
from compat.loose import Record, record, records, text
from graph.wanted import FIELD


def with_models(document: Record, found: list[Record]) -> Record:
    """The document with records of its files, one of each."""
    each = {(one["folder"], one["name"]): one for one in reversed(found)}
    return {**document, FIELD: list(reversed(each.values()))} if each else document


def of_graph(raw: Record) -> list[Record]:
    """The files that a graph of ComfyUI's interface lists, as a whole and in its nodes."""
    listed = records(raw.get("models"))
    for graph in (raw, *records(record(raw.get("definitions")).get("subgraphs"))):
        for node in records(graph.get("nodes")):
            listed += records(record(node.get("properties")).get("models"))
    return [made for each in listed if len(made := _of_comfy(each)) > 2]


def _of_comfy(told: Record) -> Record:
    folder, name, url = (text(told.get(field)) for field in ("directory", "name", "url"))
    if not folder or not name:
        return {}
    made: Record = {"folder": folder, "name": name}
    digest = hash_of(text(told.get("hash")))
    if len(digest) > OLD_DIGITS and text(told.get("hash_type")).upper() in ("SHA256", ""):
        made["sha256"] = digest
    return {**made, "url": url} if url.startswith(("http://", "https://")) else made
