"""Facts along wires: what is known before anything runs, what it is worth, and what breaks nothing."""

import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import pytest

from graph import ANY, File, node
from graph.folders import Folders
from graph.infer import Inferred, Seen, facts_of, known
from graph.patch import apply_patch
from graph.plan import Plan, plan
from graph.problems import Fix, Problem, add_link, add_node, remove_link, set_input, set_mode, set_type
from graph.registry import Registry
from graph.workflow import read_document
from tests.graph.sample import Bench, Image, Mask, add, document, number, show

Anything = Annotated[object, ANY]


def sized(seen: Seen) -> Inferred:
    width = seen.whole("width")
    problems = []
    if width is not None and width % 8:
        fix = Fix("Round", (set_input(seen.id, "width", width - width % 8),))
        problems = [
            seen.problem("odd", "width", f"{width} is odd", given=width, remedy="Round.", fixes=[fix])
        ]
    return Inferred({"IMAGE": known(width=width)}, problems)


@node(infer=sized)
def picture(width: int = 512) -> Image:
    return width


def doubled(seen: Seen) -> Inferred:
    width = seen.facts("image").get("width")
    return Inferred({"IMAGE": known(width=width * 2 if isinstance(width, int) else None)})


@node(infer=doubled)
def double(image: Image, mask: Mask | None = None) -> Image:
    return image


@node()
def silent(image: Image) -> Image:
    """A custom node that says nothing."""
    return image


@node(sink=True)
def shown(image: Image) -> None:
    return None


@facts_of("Number")
def numbers(seen: Seen) -> Inferred:
    return Inferred({"INT": known(value=seen.whole("value"))})


FUNCTIONS = (picture, double, silent, shown, number, add, show)


@pytest.fixture
def planned(make_bench: Callable[..., Bench]) -> Callable[[dict[str, Any]], Plan]:
    bench = make_bench(*FUNCTIONS)
    bench.registry.take([numbers], "test")

    def make(given: dict[str, Any]) -> Plan:
        workflow, problems = read_document(given)
        assert workflow is not None and not problems
        return plan(workflow, bench.registry, folders=bench.folders, cache=bench.cache)

    return make


def line(*middle: str, width: object = 100, **modes: str) -> dict[str, Any]:
    """Picture > each of the middle nodes > Shown."""
    names = ["picture", *(kind.lower() for kind in middle), "shown"]
    nodes = {"picture": ("Picture", {"width": width}), **{kind.lower(): (kind, {}) for kind in middle}}
    nodes["shown"] = ("Shown", {})
    links = [f"{a}.IMAGE > {b}.image" for a, b in pairwise(names)]
    return document(nodes, *links, **modes)


Planned = Callable[[dict[str, Any]], Plan]


def test_facts_follow_the_links(planned: Planned) -> None:
    found = planned(line("Double", width=64))
    assert found.facts == {"picture": {"IMAGE": {"width": 64}}, "double": {"IMAGE": {"width": 128}}}
    assert found.to_json()["facts"] == found.facts
    assert found.ok


def test_a_node_that_says_nothing_ends_them(planned: Planned) -> None:
    assert planned(line("Silent", "Double", width=64)).facts == {"picture": {"IMAGE": {"width": 64}}}


def test_a_bypassed_node_passes_them_and_a_muted_one_does_not(planned: Planned) -> None:
    assert planned(line("Silent", "Double", width=64, silent="bypassed")).facts["double"] == {
        "IMAGE": {"width": 128}
    }
    muted = planned(line("Double", width=64, picture="muted"))
    assert muted.facts == {} and not muted.ok


def test_a_value_on_a_wire_is_known_through_primitives(planned: Planned) -> None:
    given = line("Double")
    given["nodes"].append({"id": "n", "type": "Number", "inputs": {"value": 24}})
    given["links"].append({"from": ["n", "INT"], "to": ["picture", "width"]})
    assert planned(given).facts["double"] == {"IMAGE": {"width": 48}}
    given["nodes"].append({"id": "sum", "type": "Add", "inputs": {"b": 3}})
    given["links"] = [
        *given["links"][:-1],
        {"from": ["n", "INT"], "to": ["sum", "a"]},
        {"from": ["sum", "INT"], "to": ["picture", "width"]},
    ]
    assert planned(given).facts == {"n": {"INT": {"value": 24}}}


def test_a_problem_blocks_and_its_fix_repairs_the_document(planned: Planned) -> None:
    given = line("Double", width=101)
    found = planned(given)
    (problem,) = found.problems
    assert (problem.code, problem.node, problem.input, problem.given) == ("odd", "picture", "width", 101)
    assert problem.message == "Picture.width: 101 is odd"
    assert {step.id: step.state for step in found.steps} == dict.fromkeys(
        ("picture", "double", "shown"), "blocked"
    )
    repaired = planned(apply_patch(given, problem.fixes[0].patch))
    assert repaired.ok and repaired.facts["double"] == {"IMAGE": {"width": 192}}


def test_facts_of_a_sweep_are_what_its_steps_share(planned: Planned) -> None:
    swept = {"sweep": [64, 128]}
    given = line("Double", width=swept)
    given["nodes"].append({"id": "other", "type": "Picture", "inputs": {"width": 8}})
    given["nodes"].append({"id": "end", "type": "Shown", "inputs": {}})
    given["links"].append({"from": ["other", "IMAGE"], "to": ["end", "image"]})
    assert planned(given).facts == {"other": {"IMAGE": {"width": 8}}}


def test_a_fix_in_a_sweep_changes_the_one_value(planned: Planned) -> None:
    given = line(width={"sweep": [64, 101]})
    (problem,) = planned(given).problems
    assert problem.node == "picture"
    repaired = apply_patch(given, problem.fixes[0].patch)
    assert repaired["nodes"][0]["inputs"]["width"]["sweep"] == [64, 96]
    assert planned(repaired).ok


def raising(seen: Seen) -> Inferred:
    raise KeyError("no such thing")


def malformed(seen: Seen) -> Any:
    return {"IMAGE": {"width": 1}}


def no_scalar(seen: Seen) -> Inferred:
    return Inferred({"IMAGE": {"size": (1, 2)}})  # type: ignore[dict-item]


@pytest.mark.parametrize("function", [raising, malformed, no_scalar])
def test_a_function_that_fails_is_told_once_and_stops_nothing(function: Any) -> None:
    @node(id="Bad", infer=function)
    def bad(image: Image) -> Image:
        return image

    registry = Registry()
    for each in (picture, bad, shown):
        registry.add(each.__node_type__)
    nodes = {
        "picture": ("Picture", {"width": 64}),
        "bad": ("Bad", {}),
        "again": ("Bad", {}),
        "shown": ("Shown", {}),
    }
    links = ("picture.IMAGE > bad.image", "bad.IMAGE > again.image", "again.IMAGE > shown.image")
    workflow, _ = read_document(document(nodes, *links))
    assert workflow is not None
    found = plan(workflow, registry)
    (problem,) = found.problems
    assert (problem.code, problem.severity, problem.node) == ("facts_failed", "warning", "bad")
    assert "Bad" in problem.message and problem.details
    assert found.ok and found.facts == {"picture": {"IMAGE": {"width": 64}}}


def test_an_own_function_wins_over_one_beside_it() -> None:
    @facts_of("Picture")
    def other(seen: Seen) -> Inferred:
        return Inferred()

    registry = Registry()
    registry.add(picture.__node_type__)
    registry.take([other], "test")
    assert registry.infers == {"Picture": sized}


def test_a_file_is_known_by_path_name_and_digest(tmp_path: Path, make_bench: Callable[..., Bench]) -> None:
    def named(seen: Seen) -> Inferred:
        path = seen.file("file")
        size = path.stat().st_size if path else None
        return Inferred({"INT": known(size=size, name=seen.file_name("file"), digest=seen.digest("file"))})

    @node(infer=named)
    def reading(file: Annotated[Path, File("loras")]) -> int:
        return 1

    bench = make_bench(reading, show)
    folder = bench.folders.folder("loras")
    folder.mkdir(parents=True)
    (folder / "a.safetensors").write_bytes(b"12345")
    given = document({"r": ("Reading", {"file": "a.safetensors"}), "s": ("Show", {})}, "r.INT > s.value")
    workflow, _ = read_document(given)
    found = plan(workflow, bench.registry, folders=bench.folders)  # type: ignore[arg-type]
    digest = bench.folders.digest(folder / "a.safetensors")
    assert found.facts == {"r": {"INT": {"size": 5, "name": "a.safetensors", "digest": digest}}}


def test_files_that_a_text_names_are_known_by_path(tmp_path: Path, make_bench: Callable[..., Bench]) -> None:
    def named(literals: Mapping[str, object], folders: Folders) -> list[Path]:
        names = folders.names("words")
        return [
            folders.resolve("words", name) for name in names if name[:-3] in str(literals.get("text", ""))
        ]

    def counted(seen: Seen) -> Inferred:
        return Inferred({"INT": known(size=sum(path.stat().st_size for path in seen.opened))})

    @node(files=named, infer=counted)
    def spell(text: str = "") -> int:
        return 0

    folder = tmp_path / "models/words"
    folder.mkdir(parents=True)
    for name in ("cat", "dog", "fox"):
        (folder / f"{name}.pt").write_text(name)
    bench = make_bench(spell)
    found = bench.plan(document({"a": ("Spell", {"text": "a cat, a fox"}), "b": ("Spell", {})}), ["a", "b"])
    assert found.facts == {"a": {"INT": {"size": 6}}, "b": {"INT": {"size": 0}}}


def test_a_look_upstream_finds_the_nearest_and_ends(make_bench: Callable[..., Bench]) -> None:
    looked: list[object] = []

    def looking(seen: Seen) -> Inferred:
        looked.append(seen.output_above("image", "IMAGE", width=64))
        looked.append(list(seen.inputs_above("image", "IMAGE", giving="IMAGE")))
        looked.append((seen.source("image"), seen.has("Double"), seen.has("Nothing"), seen.free_id("shown")))
        return Inferred()

    @node(id="Shown", sink=True, infer=looking)
    def told(image: Image) -> None:
        return None

    bench = make_bench(picture, double, told)
    workflow, _ = read_document(line("Double", width=64))
    plan(workflow, bench.registry, folders=bench.folders)  # type: ignore[arg-type]
    assert looked == [
        ("picture", "IMAGE"),
        [("double", "image", {"width": 64})],
        (("double", "IMAGE"), True, False, "shown_2"),
    ]


def test_every_operation_of_a_patch_changes_a_copy() -> None:
    given = document({"a": ("Number", {"value": 1}), "b": ("Add", {})}, "a.INT > b.a")
    given["nodes"][1]["position"] = [500, 400]
    before = repr(given)
    patch = (
        set_input("a", "value", 2),
        set_type("a", "Other"),
        set_mode("a", "bypassed"),
        add_node("c", "Number", "b", value=5),
        add_link(("c", "INT"), "b", "a"),
        add_link(("c", "INT"), "b", "b"),
        remove_link("b", "b"),
    )
    changed = apply_patch(given, patch)
    assert changed["nodes"] == [
        {"id": "a", "type": "Other", "inputs": {"value": 2}, "mode": "bypassed"},
        {"id": "b", "type": "Add", "inputs": {}, "mode": "active", "position": [500, 400]},
        {"id": "c", "type": "Number", "inputs": {"value": 5}, "position": [200, 200]},
    ]
    assert changed["links"] == [{"from": ["c", "INT"], "to": ["b", "a"]}]
    gone = apply_patch(changed, ({"op": "remove_node", "node": "c"},))
    assert [each["id"] for each in gone["nodes"]] == ["a", "b"] and gone["links"] == []
    assert repr(given) == before


def test_many_faults_cost_linear_time(make_bench: Callable[..., Bench]) -> None:
    """Each of 3,000 nodes in a chain asks what lies upstream: the budget bounds it."""

    def looking(seen: Seen) -> Inferred:
        found = seen.output_above("image", "IMAGE", width=-1)
        return Inferred({}, [seen.problem("odd", "image", f"{found}", remedy="None.")])

    @node(id="Look", infer=looking)
    def look(image: Image) -> Image:
        return image

    bench = make_bench(picture, look, shown)
    nodes: dict[str, Any] = {"n0": ("Picture", {})}
    nodes.update({f"n{place}": ("Look", {}) for place in range(1, 3000)})
    links = [f"n{place}.IMAGE > n{place + 1}.image" for place in range(2999)]
    workflow, _ = read_document(document({**nodes, "end": ("Shown", {})}, *links, "n2999.IMAGE > end.image"))
    start = time.process_time()
    found = plan(workflow, bench.registry, folders=bench.folders)  # type: ignore[arg-type]
    assert len(found.problems) == 2999 and isinstance(found.problems[0], Problem)
    assert time.process_time() - start < 2
