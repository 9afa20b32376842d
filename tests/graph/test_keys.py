"""Keys change with what a function does, and with nothing else."""

import random
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from graph.keys import code_digest, step_key

BASE = """
FACTOR = 2

def helper(value):
    return value * FACTOR

def run(value, other=1):
    '''What it does.'''
    return [helper(each) for each in (value, other)]
"""


def digest_of(source: str) -> str:
    module = ModuleType("pack")
    exec(compile(source, "pack.py", "exec"), module.__dict__)
    return code_digest(module.__dict__["run"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'''What it does.'''", "'''Other words.'''"),
        ("FACTOR = 2", "# a comment\n\nFACTOR = 2"),
        ("    return [", "    # why\n    return ["),
        ("FACTOR = 2", "FACTOR = 2\nUNUSED = 3"),
    ],
)
def test_words_and_places_do_not_change_the_digest(old: str, new: str) -> None:
    assert digest_of(BASE.replace(old, new)) == digest_of(BASE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value * FACTOR", "value + FACTOR"),
        ("FACTOR = 2", "FACTOR = 3"),
        ("(value, other)", "(other, value)"),
    ],
)
def test_code_helpers_and_constants_change_the_digest(old: str, new: str) -> None:
    assert digest_of(BASE.replace(old, new)) != digest_of(BASE)


@pytest.mark.parametrize(
    ("home", "changes"),
    [("nodes.other", True), ("nodes", True), ("elsewhere.nodes", False), ("custom_nodes.pack", False)],
)
def test_helpers_of_the_same_package_change_the_digest(home: str, changes: bool) -> None:
    def digest(body: str) -> str:
        modules = {"helping": ModuleType(home), "using": ModuleType("nodes.using")}
        exec(f"def help(value):\n    return {body}", modules["helping"].__dict__)
        modules["using"].__dict__["help"] = modules["helping"].__dict__["help"]
        exec("def run(value):\n    return help(value)", modules["using"].__dict__)
        return code_digest(modules["using"].__dict__["run"])

    assert (digest("value + 1") != digest("value + 2")) == changes


def test_packs_of_users_are_packages_of_their_own() -> None:
    def digest(home: str, body: str) -> str:
        pack = ModuleType("custom_nodes.grain")
        helping = ModuleType(home)
        exec(f"def help(value):\n    return {body}", helping.__dict__)
        pack.__dict__["help"] = helping.__dict__["help"]
        exec("def run(value):\n    return help(value)", pack.__dict__)
        return code_digest(pack.__dict__["run"])

    for home, changes in (("custom_nodes.grain.film", True), ("custom_nodes.other", False)):
        assert (digest(home, "value + 1") != digest(home, "value + 2")) == changes


def test_the_products_of_a_factory_differ_by_what_they_close_over() -> None:
    def make(factor: int) -> Callable[[int], int]:
        return lambda value: value * factor

    assert code_digest(make(2)) == code_digest(make(2)) != code_digest(make(3))


def test_sets_of_constants_digest_alike_in_every_process() -> None:
    names = [f"name{place}" for place in range(20)]
    random.shuffle(names)
    shuffled = "def run(value):\n    return value in {" + ", ".join(map(repr, names)) + "}"
    ordered = "def run(value):\n    return value in {" + ", ".join(map(repr, sorted(names))) + "}"
    assert digest_of(shuffled) == digest_of(ordered)


RICH = """
import functools

TABLE = {"a": [1, 2], "b": {3, 4}}

class Below:
    def low(self):
        return 10

class Tool(Below):
    FACTOR = 2
    def __init__(self, value):
        self.value = value
    @property
    def twice(self):
        return self.value * self.FACTOR
    @staticmethod
    def plain():
        return 20

LOOP = [1]
LOOP.append(LOOP)
TOOL = Tool(50)

@functools.cache
def slow(value):
    return value + 30

def run(value):
    return Tool(value).twice + slow(value) + TABLE["a"][0] + TOOL.plain() + LOOP[0]
"""


def test_classes_tables_and_decorated_helpers_change_the_digest() -> None:
    edits = {"[1, 2]": "[1, 5]", "{3, 4}": "{3, 5}", "10": "11", "FACTOR = 2": "FACTOR = 3"}
    edits |= {
        "self.value * self": "self.value + self",
        "20": "21",
        "value + 30": "value + 31",
        "Tool(50)": "Tool(51)",
    }
    digests = {digest_of(RICH), *(digest_of(RICH.replace(old, new)) for old, new in edits.items())}
    assert len(digests) == 1 + len(edits)
    assert digest_of(RICH) == digest_of(RICH)


def test_what_is_named_through_a_module_of_the_package_changes_the_digest() -> None:
    def digest(home: str, body: str) -> str:
        helping, using = ModuleType(home), ModuleType("custom_nodes.grain")
        exec(f"def help(value):\n    return {body}", helping.__dict__)
        using.__dict__["helping"] = helping
        exec("def run(value):\n    return helping.help(value)", using.__dict__)
        return code_digest(using.__dict__["run"])

    for home, changes in (("custom_nodes.grain.film", True), ("torch", False)):
        assert (digest(home, "value + 1") != digest(home, "value + 2")) == changes


def test_helpers_that_call_each_other_end() -> None:
    source = "def a(x): return b(x)\ndef b(x): return a(x)\ndef run(x): return a(x)"
    assert digest_of(source) == digest_of(source)


def test_a_builtin_has_a_digest_too() -> None:
    assert code_digest(len) == code_digest(len)


def test_every_part_enters_the_key() -> None:
    def key(**changed: Any) -> str:
        return step_key(**{"node_key": "n", "literals": "a=1;", "above": ["x<k.'OUT'"], "salt": ""} | changed)

    keys = {
        key(),
        key(node_key="m"),
        key(literals="a=2;"),
        key(literals="a='1';"),
        key(salt="s"),
        key(above=[]),
        key(above=["y<k.'OUT'"]),
        key(above=["x<k.'OUT'"] * 2),
    }
    assert len(keys) == 8
    assert {len(each) for each in keys} == {32}
