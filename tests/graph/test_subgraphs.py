"""Plain instances of sub-graphs: their nodes stand in their place, with names and literals of their own."""

from collections.abc import Callable
from typing import Any

import pytest

from graph.patch import apply_patch
from graph.plan import plan
from tests.graph.sample import Bench, document, read, registry_of, subgraph

TWICE = subgraph(
    "twice", "a:INT plus:INT=3", "sum:INT", {"one": ("Add", {"b": 1}), "two": ("Add", {})},
    "@in.a > one.a", "one.INT > two.a", "@in.plus > two.b", "two.INT > @out.sum",
)  # fmt: skip


def with_subgraphs(made: dict[str, Any], *subgraphs: dict[str, Any]) -> dict[str, Any]:
    return {**made, "subgraphs": list(subgraphs)}


def told(bench: Bench, given: dict[str, Any], targets: list[str] | None = None) -> list[tuple[Any, ...]]:
    found = bench.plan(given, targets).problems
    return [(problem.code, problem.node, problem.input) for problem in found]


def test_an_instance_computes_what_its_nodes_would(bench: Bench) -> None:
    given = document(
        {"n": ("Number", {"value": 5}), "i": ("@twice", {"plus": 10}), "s": ("Show", {})},
        "n.INT > i.a", "i.sum > s.value",
    )  # fmt: skip
    made = with_subgraphs(given, TWICE)
    assert [step.id for step in bench.plan(made).steps] == ["n", "i/one", "i/two", "s"]
    assert bench.value(made, "i/two") == 16
    plain = document(
        {"n": ("Number", {"value": 5}), "x": ("Add", {"b": 1}), "y": ("Add", {"b": 10}), "s": ("Show", {})},
        "n.INT > x.a", "x.INT > y.a", "y.INT > s.value",
    )  # fmt: skip
    assert [step.key for step in bench.plan(plain).steps] == [step.key for step in bench.plan(made).steps]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [({"a": 2}, 6), ({"a": 2, "plus": 0}, 3), ({"a": 2, "plus": None}, 6)],
    ids=["the default of the signature", "the literal of the instance", "null is the default"],
)
def test_a_literal_comes_from_the_instance_or_the_signature(
    bench: Bench, inputs: dict[str, object], expected: int
) -> None:
    assert bench.value(with_subgraphs(document({"i": ("@twice", inputs)}), TWICE), "i/two") == expected


def test_without_both_the_literal_inside_stays(bench: Bench) -> None:
    inner = subgraph("s", "b:INT", "out:INT", {"add": ("Add", {"a": 4, "b": 7})},
                     "@in.b > add.b", "add.INT > @out.out")  # fmt: skip
    assert bench.value(with_subgraphs(document({"i": ("@s", {})}), inner), "i/add") == 11


def test_instances_stand_in_one_another(bench: Bench) -> None:
    inner = {"x": ("@twice", {"plus": 100}), "y": ("@twice", {})}
    outer = subgraph("outer", "a:INT plus:INT", "sum:INT", inner,
                     "@in.a > x.a", "x.sum > y.a", "@in.plus > y.plus", "y.sum > @out.sum")  # fmt: skip
    nodes = {"o": ("@outer", {"a": 1, "plus": 5}), "s": ("Show", {})}
    given = with_subgraphs(document(nodes, "o.sum > s.value"), TWICE, outer)
    assert [step.id for step in bench.plan(given).steps] == ["o/x/one", "o/x/two", "o/y/one", "o/y/two", "s"]
    assert bench.value(given, "o/y/two") == 1 + 1 + 100 + 1 + 5


def test_values_pass_through(bench: Bench) -> None:
    through = subgraph("through", "v:INT", "v:INT", {}, "@in.v > @out.v")
    given = document(
        {"n": ("Number", {"value": 5}), "a": ("@through", {}), "b": ("@through", {}), "x": ("Add", {"b": 2})},
        "n.INT > a.v", "a.v > b.v", "b.v > x.a",
    )  # fmt: skip
    assert bench.value(with_subgraphs(given, through), "x") == 7


def test_a_list_takes_all_links_in_their_order(bench: Bench) -> None:
    total = subgraph(
        "t", "items:INT+list", "sum:INT", {"t": ("Total", {})}, "@in.items > t.items", "t.INT > @out.sum"
    )
    given = document(
        {"a": ("Number", {"value": 1}), "b": ("Number", {"value": 2}), "i": ("@t", {})},
        "a.INT > i.items", "b.INT > i.items",
    )  # fmt: skip
    made = with_subgraphs(given, total)
    assert [link.source for link in bench.plan(made, ["i"]).steps[-1].links] == ["a", "b"]
    assert bench.value(made, "i/t") == 3


def test_an_instance_is_a_target_with_its_sinks(bench: Bench) -> None:
    shows = subgraph("shows", "v:INT", "v:INT", {"add": ("Add", {"b": 1}), "show": ("Show", {})},
                     "@in.v > add.a", "add.INT > show.value", "add.INT > @out.v")  # fmt: skip
    given = with_subgraphs(document({"n": ("Number", {}), "i": ("@shows", {})}, "n.INT > i.v"), shows)
    assert bench.run(given, ["i"]).did_run == {"n", "i/add", "i/show"}
    assert bench.run(given).was_cached == {"n", "i/add", "i/show"}


def test_an_output_is_a_target(bench: Bench) -> None:
    two = subgraph("two", "v:INT", "a:INT b:INT", {"x": ("Add", {"b": 1}), "y": ("Add", {"b": 2})},
                   "@in.v > x.a", "@in.v > y.a", "x.INT > @out.a", "y.INT > @out.b")  # fmt: skip
    given = with_subgraphs(document({"n": ("Number", {}), "i": ("@two", {})}, "n.INT > i.v"), two)
    assert bench.run(given, ["i.b"]).did_run == {"n", "i/y"}
    assert bench.run(given, ["n.INT"]).was_cached == {"n"}
    assert told(bench, given, ["n.NOTHING"]) == [("unknown_target", "n.NOTHING", None)]


@pytest.mark.parametrize(("mode", "value"), [("bypassed", 5), ("muted", None)])
def test_a_bypassed_instance_passes_on_and_a_muted_one_does_not(
    bench: Bench, mode: str, value: int | None
) -> None:
    given = document(
        {"n": ("Number", {"value": 5}), "i": ("@twice", {}), "x": ("Total", {})},
        "n.INT > i.a", "i.sum > x.items", i=mode,
    )  # fmt: skip
    assert bench.value(with_subgraphs(given, TWICE), "x") == (value or 0)


def test_modes_inside_count(bench: Bench) -> None:
    made = subgraph("m", "a:INT", "out:INT", {"x": ("Add", {"b": 1}), "y": ("Add", {"b": 10})},
                    "@in.a > x.a", "x.INT > y.a", "y.INT > @out.out", x="bypassed")  # fmt: skip
    given = document(
        {"n": ("Number", {"value": 5}), "i": ("@m", {}), "t": ("Total", {})}, "n.INT > i.a", "i.out > t.items"
    )
    assert bench.value(with_subgraphs(given, made), "t") == 15


def test_a_sweep_of_an_instance_reaches_all_that_it_leads_to(bench: Bench) -> None:
    both = subgraph("both", "v:INT", "out:INT", {"x": ("Add", {}), "y": ("Add", {})},
                    "@in.v > x.a", "@in.v > y.b", "x.INT > y.a", "y.INT > @out.out")  # fmt: skip
    given = document({"i": ("@both", {"v": {"sweep": [1, 2, 3]}}), "t": ("Total", {})}, "i.out > t.items")
    made = with_subgraphs(given, both)
    planned = bench.plan(made, ["t"])
    assert [step.id for step in planned.steps if step.node == "i/y"] == ["i/y[v=1]", "i/y[v=2]", "i/y[v=3]"]
    assert bench.value(made, "t") == 12


def test_a_problem_of_an_instances_literal_is_the_instances(bench: Bench) -> None:
    number = subgraph("n", "v:INT", "out:INT", {"n": ("Number", {})}, "@in.v > n.value", "n.INT > @out.out")
    given = with_subgraphs(
        document({"i": ("@n", {"v": 10**9}), "s": ("Show", {})}, "i.out > s.value"), number
    )
    (problem,) = bench.plan(given).problems
    assert (problem.code, problem.node, problem.input) == ("value_out_of_range", "i", "v")
    mended = apply_patch(given, problem.fixes[0].patch)
    assert bench.value(mended, "i/n") == 100_000


def test_a_fix_of_a_node_inside_changes_the_subgraph(bench: Bench) -> None:
    number = subgraph("n", "", "out:INT", {"n": ("Number", {"value": 10**9})}, "n.INT > @out.out")
    outer = subgraph("o", "", "out:INT", {"i": ("@n", {})}, "i.out > @out.out")
    given = with_subgraphs(document({"x": ("@o", {}), "s": ("Show", {})}, "x.out > s.value"), number, outer)
    (problem,) = bench.plan(given).problems
    assert (problem.code, problem.node, problem.input) == ("value_out_of_range", "x/i/n", "value")
    assert bench.value(apply_patch(given, problem.fixes[0].patch), "x/i/n") == 100_000
    assert given["subgraphs"][0]["nodes"][0]["inputs"] == {"value": 10**9}


def test_facts_of_an_instance_are_those_of_what_it_gives(make_bench: Callable[..., Bench]) -> None:
    from tests.graph.test_mapping import numbers

    bench = make_bench(numbers)
    inner = subgraph("n", "text:STRING", "out:INT+list", {"n": ("Numbers", {})},
                     "@in.text > n.text", "n.INT > @out.out")  # fmt: skip
    given = with_subgraphs(document({"i": ("@n", {"text": "1 2 3"})}), inner)
    facts = {"size": 3, "kind": "whole"}
    assert bench.plan(given, ["i"]).facts == {"i/n": {"INT": facts}, "i": {"out": facts}}


RECURSIVE = subgraph("r", "", "out:INT", {"again": ("@r", {})}, "again.out > @out.out")


@pytest.mark.parametrize(
    ("inner", "links", "expected"),
    [
        (RECURSIVE, ("i.out > s.value",), ("recursive_subgraph", "i/again", None)),
        (TWICE, ("i.nothing > s.value",), ("dangling_link", "s", "value")),
        (TWICE, ("n.INT > i.nothing", "i.sum > s.value"), ("dangling_link", "i", "nothing")),
        ({**TWICE, "id": "other"}, ("i.sum > s.value",), ("unknown_type", "i", None)),
    ],
    ids=["one that holds itself", "an output that is not there", "an input that is not there", "none at all"],
)
def test_what_is_wrong_with_an_instance_is_told(
    bench: Bench, inner: dict[str, Any], links: tuple[str, ...], expected: tuple[str, str, str | None]
) -> None:
    kind = "@r" if inner is RECURSIVE else "@twice"
    given = document(
        {"n": ("Number", {}), "i": (kind, {"a": 1} if kind == "@twice" else {}), "s": ("Show", {})}, *links
    )
    assert expected in told(bench, with_subgraphs(given, inner))
    assert not bench.plan(with_subgraphs(given, inner)).ok


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "a/b"}, "subgraphs[0].id is 'a/b', not a name without a slash"),
        ({"id": None}, "subgraphs[0].id is None, not a name without a slash"),
        ({"kind": "loop"}, "subgraphs[0].kind is 'loop', not one of graph, map, repeat, while, if"),
        ({"nodes": {}}, "subgraphs[0].nodes is an object of 0 fields, not a list"),
        ({"inputs": [{"name": "a"}]}, 'subgraphs[0].inputs[0] is not {"name": …, "type": …}'),
        ({"inputs": [{"name": "a", "type": "INT"}] * 2}, "subgraphs[0].inputs: the name 'a' is taken"),
        ({"kind": "repeat", "inputs": [{"name": "times", "type": "INT"}]},
         "subgraphs[0].inputs: the name 'times' is taken"),
        ({"kind": "map", "inputs": []}, "subgraphs[0] is a map, and none of its inputs has each: true"),
        ({"links": [{}]}, 'subgraphs[0].links[0] is not {"from": [node, output], "to": [node, input]}'),
    ],
)  # fmt: skip
def test_a_malformed_subgraph_is_told(change: dict[str, object], said: str) -> None:
    from graph.workflow import read_document

    made = with_subgraphs(document({"n": ("Number", {})}), {**TWICE, **change})
    workflow, problems = read_document(made)
    assert workflow is not None
    assert [problem.message for problem in problems] == [said]


def test_the_same_subgraph_twice_is_told() -> None:
    from graph.workflow import read_document

    _, problems = read_document(with_subgraphs(document({"n": ("Number", {})}), TWICE, TWICE))
    assert [problem.message for problem in problems] == ["two sub-graphs have the id 'twice'"]


def test_instances_that_double_at_each_level_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.flatten.MOST_NODES", 2000)
    levels = [subgraph("s0", "", "o:INT", {"n": ("Number", {})}, "n.INT > @out.o")]
    for level in range(1, 40):
        kind = f"@s{level - 1}"
        levels.append(subgraph(f"s{level}", "", "o:INT", {"a": (kind, {}), "b": (kind, {})}, "a.o > @out.o"))
    given = with_subgraphs(document({"i": ("@s39", {}), "s": ("Show", {})}, "i.o > s.value"), *levels)
    codes = {problem.code for problem in plan(read(given), registry_of()).problems}
    assert "too_many_subgraphs" in codes


def test_a_long_way_through_instances_needs_no_recursion(bench: Bench) -> None:
    through = subgraph("through", "v:INT", "v:INT", {}, "@in.v > @out.v")
    nodes: dict[str, Any] = {f"i{place}": ("@through", {}) for place in range(3000)}
    links = [f"i{place}.v > i{place + 1}.v" for place in range(2999)]
    given = document({"n": ("Number", {"value": 4}), **nodes, "x": ("Add", {"b": 1})},
                     "n.INT > i0.v", *links, "i2999.v > x.a")  # fmt: skip
    assert bench.value(with_subgraphs(given, through), "x") == 5


def test_a_node_outside_may_be_called_as_the_ends_of_subgraphs_are(bench: Bench) -> None:
    given = document({"n": ("Number", {"value": 1}), "@in": ("@twice", {}), "s": ("Show", {})})
    given["links"] = [
        {"from": ["n", "INT"], "to": ["@in", "a"]},
        {"from": ["@in", "sum"], "to": ["s", "value"]},
    ]
    assert bench.value(with_subgraphs(given, TWICE), "@in/two") == 5
