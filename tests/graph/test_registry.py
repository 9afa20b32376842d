"""The registry collects packs, and a broken one is only a Problem."""

import sys
from pathlib import Path
from typing import Annotated

import pytest

from graph import Choice, File, conversion, node
from graph.folders import Folders
from graph.registry import Registry
from tests.graph.sample import IMAGE, MASK, number, registry_of

GOOD = '''
from typing import Annotated
from graph import SocketType, node
COLOUR = SocketType("COLOUR", "#123456")

@node(category="mine")
def invert(value: int = 0) -> Annotated[object, COLOUR]:
    """Turn it round."""
    return -value
'''


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_folder_of_packs_is_loaded_each_for_itself(tmp_path: Path) -> None:
    write(tmp_path / "good.py", GOOD)
    write(tmp_path / "broken.py", "import a_module_that_does_not_exist")
    write(tmp_path / "leaving.py", "raise SystemExit(3)")
    write(tmp_path / "misused.py", "from graph import node\n@node()\ndef bad(x: dict) -> int: ...")
    write(tmp_path / "my-pack/__init__.py", "from .inner import twice")
    write(tmp_path / "my-pack/inner.py", "from graph import node\n@node()\ndef twice(a: int) -> int: ...")
    write(tmp_path / "_ignored.py", "raise RuntimeError")
    write(tmp_path / "README.md", "words")
    write(tmp_path / "no pack/notes.txt", "")
    registry = Registry()
    registry.load_folder(tmp_path)
    assert set(registry.types) == {"Invert", "Twice"}
    assert [problem.code for problem in registry.problems] == ["pack_failed"] * 3
    assert [("broken" in each.message, "leaving" in each.message) for each in registry.problems] == [
        *((True, False), (False, True), (False, False))
    ]
    assert "a_module_that_does_not_exist" in registry.problems[0].details
    assert "bad.x: dict is no socket type" in registry.problems[2].message
    assert "custom_nodes.broken" not in sys.modules


def test_loading_a_folder_again_takes_what_changed(tmp_path: Path) -> None:
    write(tmp_path / "pack.py", GOOD)
    first = Registry()
    first.load_folder(tmp_path)
    write(tmp_path / "pack.py", GOOD.replace("return -value", "return 100 - value"))
    second = Registry()
    second.load_folder(tmp_path)
    assert second.types["Invert"].run(value=1) == 99
    assert second.types["Invert"].code != first.types["Invert"].code


def test_a_folder_that_is_missing_is_empty(tmp_path: Path) -> None:
    registry = Registry()
    registry.load_folder(tmp_path / "gone")
    assert (registry.types, registry.problems) == ({}, ())


def test_a_package_is_loaded_with_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "some_pack/__init__.py", "")
    write(tmp_path / "some_pack/first.py", GOOD)
    write(tmp_path / "some_pack/second.py", "from some_pack.first import invert")  # not twice
    write(tmp_path / "some_pack/third.py", "1 / 0")
    write(tmp_path / "some_pack/_private.py", "1 / 0")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = Registry()
    registry.load_package("some_pack")
    registry.load_package("a_package_that_does_not_exist")
    assert set(registry.types) == {"Invert"}
    assert [problem.code for problem in registry.problems] == ["pack_failed", "pack_failed"]
    assert "ZeroDivisionError" in registry.problems[0].message


def test_a_second_node_of_one_id_is_a_problem_and_the_first_stays(tmp_path: Path) -> None:
    write(tmp_path / "a.py", GOOD)
    write(tmp_path / "b.py", GOOD)
    registry = Registry()
    registry.load_folder(tmp_path)
    (problem,) = registry.problems
    assert problem.code == "duplicate_node_type"
    assert problem.message == "b.py declares the node 'Invert', which a.py declared already"


def test_the_catalogue_lists_nodes_types_conversions_and_problems(tmp_path: Path) -> None:
    write(tmp_path / "good.py", GOOD)
    write(tmp_path / "broken.py", "1 / 0")
    write(
        tmp_path / "convert.py",
        "from graph import SocketType, conversion\n"
        "@conversion(SocketType('MASK', '#fff'), SocketType('IMAGE', '#fff'))\n"
        "def mask_to_image(mask): return mask\n",
    )
    registry = Registry()
    registry.load_folder(tmp_path)
    catalog = registry.catalog()
    assert set(catalog) == {"nodes", "types", "conversions", "renames", "problems"}
    assert [each["id"] for each in catalog["nodes"]] == ["Invert"]  # type: ignore[attr-defined]
    assert catalog["types"]["COLOUR"] == {"colour": "#123456", "letter": "C"}  # type: ignore[index]
    assert catalog["conversions"] == [["INT", "FLOAT"], ["MASK", "IMAGE"]]
    assert [each["code"] for each in catalog["problems"]] == ["pack_failed"]  # type: ignore[attr-defined]


def test_choices_are_looked_up_when_the_catalogue_is_asked_for(tmp_path: Path) -> None:
    names = ["one"]

    @node()
    def choosing(
        lora: Annotated[Path, File("loras")], name: Annotated[str, Choice(lambda: names)] = "one"
    ) -> int:
        return 0

    registry = registry_of(choosing, folders=Folders(tmp_path))

    def choices() -> list[object]:
        (listed,) = registry.catalog()["nodes"]  # type: ignore[misc]
        return [given["widget"]["choices"] for given in listed["inputs"]]

    assert choices() == [[], ["one"]]
    write(tmp_path / "models/loras/cat.safetensors", "")
    names.append("two")
    assert choices() == [["cat.safetensors"], ["one", "two"]]


def test_a_node_whose_choices_fail_is_left_out_with_a_problem() -> None:
    def broken() -> list[str]:
        raise OSError("no disk")

    @node()
    def choosing(name: Annotated[str, Choice(broken)]) -> int:
        return 0

    catalog = registry_of(choosing, number).catalog()
    assert [each["id"] for each in catalog["nodes"]] == ["Number"]  # type: ignore[attr-defined]
    assert "the choices of Choosing" in catalog["problems"][0]["message"]  # type: ignore[index]


def test_a_conversion_stays_a_function() -> None:
    @conversion(MASK, IMAGE)
    def mask_to_image(mask: object) -> object:
        return [mask]

    assert mask_to_image(1) == [1]


PAIR = '''
from graph import node

def helped(value):
    return added(value)

@node()
def plus(value: int = 0) -> int:
    """Add some."""
    return added(value)

@node()
def times(value: int = 0) -> int:
    return value * 2

def added(value):
    return value + 1
'''


def codes(registry: Registry) -> dict[str, str]:
    return {name: registry.types[name].code for name in ("Plus", "Times")}


@pytest.fixture
def watching(tmp_path: Path) -> Registry:
    write(tmp_path / "pair.py", PAIR)
    registry = Registry()
    registry.load_folder(tmp_path)
    return registry


def test_a_saved_pack_is_read_again_and_only_changed_nodes_change(watching: Registry, tmp_path: Path) -> None:
    before = codes(watching)
    assert not watching.refresh()
    write(tmp_path / "pair.py", PAIR.replace("value + 1", "value + 3"))  # within the same second, as long
    assert watching.refresh() and not watching.refresh()
    assert watching.types["Plus"].run(value=1) == 4
    after = codes(watching)
    assert (before["Plus"] != after["Plus"], before["Times"] == after["Times"]) == (True, True)
    assert (watching.get("Plus"), watching.problems) == (watching.types["Plus"], ())


def test_a_pack_that_breaks_is_a_problem_and_keeps_its_nodes(watching: Registry, tmp_path: Path) -> None:
    before = dict(watching.types)
    write(tmp_path / "pair.py", PAIR + "\n1 / 0\n")
    assert watching.refresh()
    (problem,) = watching.problems
    assert (problem.code, "ZeroDivisionError" in problem.message) == ("pack_failed", True)
    assert problem.details.splitlines()[1:3] == [
        f'  File "{tmp_path / "pair.py"}", line {len(PAIR.splitlines()) + 2}, in <module>',
        "    1 / 0",
    ]
    assert "read again when it is saved" in problem.remedy
    assert dict(watching.types) == before
    assert sys.modules["custom_nodes.pair"].plus is before["Plus"].run
    write(tmp_path / "pair.py", PAIR)
    assert watching.refresh() and not watching.problems
    assert codes(watching) == {name: each.code for name, each in before.items()}


def test_packs_come_and_go(watching: Registry, tmp_path: Path) -> None:
    write(tmp_path / "later/__init__.py", "from .inner import plus, thrice")
    write(tmp_path / "later/inner.py", PAIR + "\n@node()\ndef thrice(a: int) -> int: return 3 * a\n")
    assert watching.refresh()
    assert set(watching.types) == {"Plus", "Times", "Thrice"}
    (problem,) = watching.problems  # later comes before pair
    assert problem.message == "pair.py declares the node 'Plus', which later declared already"
    write(
        tmp_path / "later/inner.py",
        "from graph import node\n@node()\ndef thrice(a: int) -> int: return 0\nplus = 0",
    )
    assert watching.refresh() and not watching.problems
    assert watching.types["Thrice"].run(a=2) == 0
    (tmp_path / "pair.py").unlink()
    assert watching.refresh()
    assert set(watching.types) == {"Thrice"}


def test_what_was_known_before_stays_with_who_holds_it(watching: Registry, tmp_path: Path) -> None:
    held = watching.now
    names = list(held.types)
    (tmp_path / "pair.py").unlink()
    assert watching.refresh()
    assert (list(held.types), dict(watching.types)) == (names, {})
