"""What helps to write prompts: how many tokens a text takes, and the words that were used before."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from aiohttp import web

from graph.folders import Folders
from graph.registry import Registry
from graph.widgets import TextWidget
from service.bodies import nodes_of
from service.fields import wrong_field
from service.protocol import answer, read_object, refuse
from service.state import LOG, PLACES, loaded_engine
from service.workflows import read_workflows

Record = Mapping[str, Any]

LONGEST_TEXT = 100_000  # letters
READ = 4 * 2**20  # bytes of documents of the history, the newest first
OFFERED = 4000  # phrases
LONGEST_PHRASE = 60
MARKUP = re.compile(r"<[^>]*>|embedding:\S+|:\s*[+-]?[.\d]+(?=\s*(?:[)\]]|$))|\\")
BETWEEN = re.compile(r"[,;.\n()\[\]|:]+|\b(?:BREAK|AND)\b")
WORD = re.compile(r"[^\W\d_]{4,}")


async def count_tokens(request: web.Request) -> web.Response:
    """How many tokens a prompt takes, window by window, and where in it each window begins."""
    engine, body = await loaded_engine(request), await read_object(request)
    text, rules, steps = body.get("text"), body.get("rules"), body.get("steps", 20)
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        raise wrong_field("text", f"a text of at most {LONGEST_TEXT} letters", text)
    if rules not in ("comfy", "a1111"):
        raise wrong_field("rules", "'comfy' or 'a1111'", rules)
    if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= 10_000:
        raise wrong_field("steps", "a whole number from 1 to 10000", steps)
    if engine.count_tokens is None:
        raise refuse(404, "no_tokenizer", "this server has no tokenizer")
    return answer(await asyncio.to_thread(engine.count_tokens, text, rules, steps))


async def vocabulary(request: web.Request) -> web.Response:
    """The words of prompts that were run or that lie on the server, and the files that prompts may name."""
    engine, places = await loaded_engine(request), request.app[PLACES]
    documents = list(request.app[LOG].documents(READ))

    def collect() -> Record:
        lying = (
            document for folder in (places.workflows, places.saved) for _, document in read_workflows(folder)
        )
        ran = (json.loads(document) for document in documents)
        counted = phrases(prompts_of([*ran, *lying], engine.registry))
        return {
            "phrases": counted.most_common(OFFERED),
            "concepts": list(dict.fromkeys(concepts(engine.folders))),
            "embeddings": engine.folders.names("embeddings"),
            "loras": engine.folders.names("loras"),
        }

    return answer(await asyncio.to_thread(collect))


def prompts_of(documents: Iterable[Record], registry: Registry) -> Iterator[str]:
    """The texts of inputs that hold prompts, each once."""
    seen = set()
    for document in documents:
        for node in nodes_of(document):
            if not isinstance(node.get("inputs"), dict):
                continue
            node_type = registry.get(str(node.get("type")))
            for name, value in node["inputs"].items() if node_type else ():
                given = node_type.inputs_by_name.get(name) if node_type else None
                widget = given.widget if given else None
                if isinstance(widget, TextWidget) and widget.prompt and isinstance(value, str):
                    seen.add(value)
    yield from seen


def phrases(prompts: Iterable[str]) -> Counter[str]:
    """What stands between commas and brackets, and the longer words of it, by how many prompts have it."""
    counted: Counter[str] = Counter()
    for prompt in prompts:
        parts = {" ".join(part.split()) for part in BETWEEN.split(MARKUP.sub(" ", prompt))}
        words = {word for part in parts if " " in part for word in WORD.findall(part)}
        counted.update(sorted(part for part in parts if 2 < len(part) <= LONGEST_PHRASE))
        counted.update(sorted(words - parts))
    return counted


def concepts(folders: Folders) -> Iterator[str]:
    """What checkpoints say that they know, in a file of their name beside them."""
    for name in folders.names("checkpoints"):
        told = _told(folders.find("checkpoints", PurePosixPath(name).with_suffix(".json").as_posix()))
        listed = told.get("concepts") if isinstance(told, dict) else None
        yield from (each for each in listed or () if isinstance(each, str) and len(each) <= LONGEST_PHRASE)


def _told(path: Path | None) -> object:
    try:
        return json.loads(path.read_bytes()) if path and path.stat().st_size < READ else None
    except (OSError, ValueError):
        return None  # a file of another program that is not what ours would be
