"""Packs of another program are loaded by whoever is given for them; all others as ever."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from graph import Inferred, Seen, node
from graph.nodetype import node_type
from graph.problems import Problem
from graph.registry import Loaded, Registry
from graph.sockets import INT, Input
from tests.graph.sample import Bench, document


class Words:
    """Makes a node of each line of a file that begins with a word."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def forget(self, path: Path, name: str) -> None:
        self.forgotten.append(name)

    def claims(self, path: Path) -> bool:
        return "words" in path.read_text()

    def load(self, path: Path, name: str) -> Loaded:
        _, *lines = path.read_text().splitlines()
        if "broken" in lines:
            raise ValueError("it is broken")
        types = [_saying(line) for line in lines if line]
        return Loaded(ModuleType(name), types, [Problem("an_empty_line", name)] if "" in lines else [])


def _saying(word: str):
    @node(id=word)
    def say() -> str:
        return word

    return node_type(say)


OURS = "from graph import node\n@node()\ndef own(value: int = 0) -> int: return value"


def test_a_translator_loads_what_it_claims(tmp_path: Path) -> None:
    files = {"a.py": "words\nOne\n\nTwo", "b.py": OURS, "c.py": "words\nbroken", "d.py": "words\nOwn"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    registry = Registry()
    registry.load_folder(tmp_path, Words())
    assert list(registry.types) == ["One", "Two", "Own"]
    codes = [problem.code for problem in registry.problems]
    assert codes == ["an_empty_line", "pack_failed", "duplicate_node_type"]
    assert "c.py does not load: ValueError: it is broken" in registry.problems[1].message
    assert registry.types["One"].run() == "One"


def test_a_pack_that_gives_nothing_any_more_keeps_its_nodes_until_it_is_deleted(tmp_path: Path) -> None:
    path, translator, registry = tmp_path / "a.py", Words(), Registry()
    path.write_text("words\nOne")
    registry.load_folder(tmp_path, translator)
    path.write_text("words\n\n")
    assert registry.refresh()
    assert (list(registry.types), [each.code for each in registry.problems]) == (["One"], ["an_empty_line"])
    path.unlink()
    assert registry.refresh()
    assert (dict(registry.types), registry.problems) == ({}, ())
    assert translator.forgotten == ["custom_nodes.a"]


def test_without_a_translator_every_pack_is_ours(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text(OURS)
    registry = Registry()
    registry.load_folder(tmp_path)
    assert list(registry.types) == ["Own"] and not registry.problems


def test_facts_can_ask_for_the_type_of_what_is_linked(bench: Bench) -> None:
    seen: dict[str, str] = {}

    def look(view: Seen) -> Inferred:
        seen.update({name: view.type_of(name) for name in ("a", "b")})
        return Inferred()

    @node(infer=look)
    def looking(a: float, b: float = 0.0) -> float:
        return a

    bench.registry.add(node_type(looking))
    planned: Mapping[str, object] = document({"n": ("Number", {}), "l": ("Looking", {})}, "n.INT > l.a")
    bench.plan(planned, ["l"])
    assert seen == {"a": "INT", "b": ""}


def test_a_node_may_take_links_into_inputs_of_any_name(bench: Bench) -> None:
    @node()
    def joined(first: int = 0) -> str:
        return ""

    def run(**given: int) -> str:
        return " ".join(f"{name}={value}" for name, value in sorted(given.items()))

    more = Input("", (INT,), required=False, optional=True)
    bench.registry.add(replace(node_type(joined), run=run, more=more))
    nodes = {"n": ("Number", {"value": 3}), "j": ("Joined", {"first": 1, "nothing": 5})}
    given = document(nodes, "n.INT > j.b", "n.INT > j.a")
    assert bench.value(given, "j") == "a=3 b=3 first=1"
    (unused,) = bench.plan(given, ["j"]).problems
    assert (unused.code, unused.severity, unused.input) == ("unknown_input", "warning", "nothing")
    keys = {bench.plan(each, ["j"]).steps[-1].key for each in (given, document(nodes, "n.INT > j.b"))}
    assert len(keys) == 2
    wrong = document({**nodes, "j2": ("Joined", {})}, "j.STRING > j2.c")
    assert [each.code for each in bench.plan(wrong, ["j2"]).problems][-1] == "type_mismatch"
