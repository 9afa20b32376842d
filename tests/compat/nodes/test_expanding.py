"""Nodes that put further nodes in their own place, as simple as a chain and as deep as a loop."""

import threading
import time

import pytest

from graph.events import StepFinished
from tests.compat.nodes.conftest import PackBench
from tests.graph.sample import document


def repeated(times: int):
    nodes = {"n": ("Pack Integer Math", {"a": 1, "operation": "multiply", "b": 1})}
    nodes |= {"r": ("PackRepeat", {"times": times}), "a": ("PreviewAny", {}), "b": ("PreviewAny", {})}
    nodes |= {"c": ("PreviewAny", {})}
    links = ("n.number > r.value", "r.INT > a.source", "r.STRING > b.source", "r.* > c.source")
    return document(nodes, *links)


def test_a_chain_takes_the_place_of_a_node_and_shows_what_it_shows(bench: PackBench) -> None:
    ran = bench.run(repeated(4))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.texts_of(ran) == {"a": ["13"], "b": ["13"], "c": ["1"], "r": ["13"]}
    assert {event.step for event in ran.of(StepFinished)} == {"n", "r", "a", "b", "c"}
    assert bench.run(repeated(4)).did_run == set()


def test_inner_nodes_are_found_in_the_cache(bench: PackBench) -> None:
    calls = []
    math = bench.registry.get("Pack Integer Math")
    assert math is not None
    compute = math.run.__declared__.source.compute
    math.run.__declared__.source.compute = lambda *args, **more: calls.append(more) or compute(*args, **more)
    try:
        bench.run(repeated(3))
        first = len(calls)
        bench.run(repeated(4))
    finally:
        math.run.__declared__.source.compute = compute
    assert first == 5  # one outside, three of the chain and the text
    assert len(calls) == first + 2  # of the longer chain only what is new: its end and the text


@pytest.mark.parametrize("open", [True, False])
def test_pictures_go_in_and_out_and_blocked_outputs_stay_so(bench: PackBench, open: bool) -> None:
    nodes = {
        **{"load": ("PackLoadImage", {"image": "small.png"}), "x": ("PackImages", {"open": open})},
        "one": ("PackSaveImage", {"filename_prefix": "one"}),
        "two": ("PackSaveImage", {"filename_prefix": "two"}),
    }
    ran = bench.run(document(nodes, "load.IMAGE > x.image", "x.IMAGE > one.images", "x.* > two.images"))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.picture("one_00001_.png")[0, 0, 0] == 255
    assert (bench.root / "output/two_00001_.png").exists() is open


def looped(most: int):
    """n = 1; while n < most: n = n + 3, where the 3 is made outside of the loop."""
    nodes = {
        **{
            "one": ("Pack Integer Math", {"a": 1, "operation": "multiply", "b": 1}),
            "open": ("PackLoopOpen", {}),
        },
        "most": ("Pack Integer Math", {"a": most, "operation": "multiply", "b": 1}),
        "three": ("Pack Integer Math", {"a": 1, "operation": "add", "b": 2}),
        "add": ("Pack Integer Math", {"operation": "add"}),
        "less": ("PackCompare", {"how": "<"}),
        **{"close": ("PackLoopClose", {}), "show": ("PreviewAny", {})},
    }
    links = (
        *("one.number > open.value", "open.value > add.a", "three.number > add.b", "add.number > less.a"),
        *("most.number > less.b", "open.flow > close.flow", "less.BOOLEAN > close.goes_on"),
        *("add.number > close.value", "close.value > show.source"),
    )
    return document(nodes, *links)


def test_a_loop_runs_to_its_end_each_time_to_its_own(bench: PackBench) -> None:
    for most, end in ((2, "4"), (5, "7"), (60, "61")):
        ran = bench.run(looped(most))
        assert ran.finished.status == "succeeded", ran.finished.problems
        assert bench.texts_of(ran) == {"show": [end]}
    assert not bench.packs.host.given


def test_a_loop_is_cancelled_as_a_whole(bench: PackBench) -> None:
    cancel = threading.Event()
    timer = threading.Timer(0.2, cancel.set)
    timer.start()
    started = time.monotonic()
    given = looped(100)
    given["nodes"][3]["inputs"] = {"a": 0, "operation": "add", "b": 0}  # adds nothing: it would never end
    ran = bench.run(given, cancel=cancel)
    assert ran.finished.status == "cancelled" and time.monotonic() - started < 3
    assert not bench.packs.host.given


def test_what_fails_inside_is_told_with_its_node(bench: PackBench) -> None:
    nodes = {"n": ("PackSplit", {"text": "x"}), "r": ("PackRepeat", {"times": 1}), "s": ("PreviewAny", {})}
    ran = bench.run(document(nodes, "n.INT > r.value", "r.INT > s.source"))
    assert ran.finished.status == "succeeded"
    wrong = document({"w": ("PackWrong", {}), "s": ("PreviewAny", {})}, "w.INT > s.source")
    assert bench.run(wrong).failed.message == (
        "PackWrong: it puts in a node a of the type 'Nowhere', which is not there"
    )
    nodes = {"n": ("Pack Integer Math", {"a": 100, "operation": "power", "b": 3})}
    nodes |= {"r": ("PackRepeat", {"times": 1}), "s": ("PreviewAny", {})}
    math = bench.registry.get("Pack Integer Math")
    assert math is not None
    operations = math.run.__declared__.source.OPERATIONS
    operations["add"] = lambda a, b: 1 // 0
    try:
        ran = bench.run(document(nodes, "n.number > r.value", "r.INT > s.source"))
    finally:
        operations["add"] = lambda a, b: a + b
    assert ran.failed.node == "r" and ran.failed.message == (
        "PackRepeat: in the node r.0.0.1 that it puts in: Pack Integer Math: ZeroDivisionError: "
        "integer division or modulo by zero"
    )


def test_a_schema_expands_too(bench: PackBench) -> None:
    given = document({"x": ("SchemaExpands", {"value": 5}), "s": ("PreviewAny", {})}, "x.INT > s.source")
    assert bench.texts_of(bench.run(given)) == {"s": ["25"]}


def test_a_node_that_expands_does_so_for_every_item_of_a_list(bench: PackBench) -> None:
    nodes = {"n": ("ListOfNumbers", {"start": 1, "count": 3}), "r": ("PackRepeat", {"times": 2})}
    nodes |= {"a": ("PreviewAny", {}), "all": ("PackShowText", {})}
    links = ("n.list > r.value", "r.INT > a.source", "r.STRING > all.text")
    ran = bench.run(document(nodes, *links))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.texts_of(ran) == {name: ["7", "8", "9"] for name in ("r", "a", "all")}


def test_nodes_in_a_subgraph_expand_and_loop_there(bench: PackBench) -> None:
    body = looped(5)
    inside = [node for node in body["nodes"] if node["id"] not in ("one", "show")]
    repeat = {"id": "again", "type": "PackRepeat", "inputs": {"times": 2}}
    links = [link for link in body["links"] if link["from"][0] != "one" and link["to"][0] != "show"]
    links += [
        {"from": ["@in", "start"], "to": ["open", "value"]},
        {"from": ["close", "value"], "to": ["again", "value"]},
        {"from": ["again", "INT"], "to": ["@out", "end"]},
    ]
    signature = {"inputs": [{"name": "start", "type": "INT"}], "outputs": [{"name": "end", "type": "INT"}]}
    given = document(
        {
            "one": ("Pack Integer Math", {"a": 1, "operation": "multiply", "b": 1}),
            "inner": ("@loop", {}),
            "show": ("PreviewAny", {}),
        },
        "one.number > inner.start",
        "inner.end > show.source",
    )
    given["subgraphs"] = [{"id": "loop", **signature, "nodes": [*inside, repeat], "links": links}]
    ran = bench.run(given)
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.texts_of(ran)["show"] == ["13"]  # 1 + 3 + 3, as the loop ends at 5 or more, and two times 3
