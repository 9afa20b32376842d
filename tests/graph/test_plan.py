"""A plan is the steps that the targets need, or every reason why they cannot be made."""

from collections.abc import Callable
from typing import Any

import pytest

from graph import conversion, node
from graph.misuse import UnknownInput
from graph.plan import Plan
from graph.problems import Fix, Problem
from tests.graph.pictures import PICTURES
from tests.graph.sample import (
    IMAGE,
    MASK,
    SAMPLES,
    Bench,
    Image,
    document,
)


def codes(planned: Plan) -> list[tuple[str, str | None, str | None]]:
    return [(problem.code, problem.node, problem.input) for problem in planned.problems]


def states(planned: Plan) -> dict[str, tuple[str, str]]:
    return {step.id: (step.state, step.reason) for step in planned.steps}


@pytest.fixture
def pictures(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(*SAMPLES, *PICTURES)


def test_a_plan_holds_what_the_targets_need_in_an_order_that_can_run(bench: Bench) -> None:
    planned = bench.plan(
        document(
            {
                "unneeded": ("Number", {}),
                "out": ("Show", {}),
                "sum": ("Add", {"b": 3}),
                "one": ("Number", {"value": 1}),
            },
            "one.INT > sum.a",
            "sum.INT > out.value",
        )
    )
    assert planned.ok
    assert planned.states() == (("one", "will_run"), ("sum", "will_run"), ("out", "will_run"))
    assert planned.targets == ("out",)
    assert [step.uses for step in planned.steps] == [1, 1, 0]
    assert dict(planned.steps[1].literals) == {"b": 3}
    assert planned.to_json()["steps"] == [
        {"id": name, "type": kind, "state": "will_run", "reason": "not run before"}
        for name, kind in (("one", "Number"), ("sum", "Add"), ("out", "Show"))
    ]


def test_one_branch_ends_before_the_next_begins(bench: Bench) -> None:
    nodes: dict[str, Any] = {"sum": ("Total", {}), "out": ("Show", {})}
    links = ["sum.INT > out.value"]
    for branch in "ab":
        nodes |= {f"{branch}0": ("Number", {}), f"{branch}1": ("Add", {"b": ord(branch)})}
        links += [f"{branch}0.INT > {branch}1.a", f"{branch}1.INT > sum.items"]
    assert [name for name, _ in bench.plan(document(nodes, *links)).states()] == [
        *("a0", "a1", "b0", "b1", "sum", "out")
    ]


def test_named_targets_replace_the_sinks(bench: Bench) -> None:
    given = document({"one": ("Number", {}), "out": ("Show", {})})
    assert bench.plan(given, ["one"]).states() == (("one", "will_run"),)


def test_all_problems_come_at_once(bench: Bench) -> None:
    planned = bench.plan(
        document(
            {
                "a": ("Nmuber", {}),
                "b": ("Add", {"b": "three"}),
                "c": ("Number", {"value": -2000}),
                "d": ("Total", {}),
                "out": ("Show", {}),
            },
            *("a.INT > d.items", "b.INT > d.items", "c.INT > d.items", "gone.INT > d.items"),
            "d.INT > out.value",
        )
    )
    assert not planned.ok
    assert codes(planned) == [
        ("dangling_link", "d", "items"),
        ("unknown_type", "a", None),
        ("missing_input", "b", "a"),
        ("wrong_value_type", "b", "b"),
        ("value_out_of_range", "c", "value"),
    ]
    assert states(planned)["out"] == ("blocked", "d is blocked")
    assert states(planned)["d"] == ("blocked", "it has a problem")


def test_a_value_outside_its_range_is_told_in_full(bench: Bench) -> None:
    (problem,) = bench.plan(document({"c": ("Number", {"value": -2000})}), ["c"]).problems
    assert problem.to_json() == {
        "code": "value_out_of_range",
        "severity": "error",
        "node": "c",
        "input": "value",
        "message": "Number.value: -2000 is below -1000",
        "given": -2000,
        "expected": "a whole number from -1000 to 100000",
        "remedy": "Give a value of at least -1000.",
        "fixes": [
            {
                "label": "Set to -1000",
                "patch": [{"op": "set_input", "node": "c", "input": "value", "value": -1000}],
            }
        ],
    }


def test_an_unknown_type_knows_the_nearest_names(bench: Bench) -> None:
    (problem,) = bench.plan(document({"a": ("nmuber", {})}), ["a"]).problems
    assert problem == Problem(
        code="unknown_type",
        message="there is no node type 'nmuber'",
        node="a",
        given="nmuber",
        remedy="Did you mean Number? Else install the pack that has it.",
        fixes=(Fix("Replace it by Number", ({"op": "set_type", "node": "a", "type": "Number"},)),),
    )


def test_a_value_that_is_no_choice_names_the_choices(pictures: Bench) -> None:
    given = document(
        {"p": ("Picture", {}), "b": ("Blend", {"mode": "mxi"})}, "p.IMAGE > b.under", "p.IMAGE > b.over"
    )
    (problem,) = pictures.plan(given, ["b"]).problems
    assert (problem.code, problem.expected, problem.remedy) == (
        "value_not_a_choice",
        "one of 'add', 'mix'",
        "Choose 'mix'.",
    )


def test_a_type_mismatch_names_both_types(pictures: Bench) -> None:
    given = document({"m": ("Selection", {}), "out": ("Look", {})}, "m.MASK > out.image")
    (problem,) = pictures.plan(given).problems
    assert (problem.code, problem.given, problem.expected, problem.message) == (
        "type_mismatch",
        "MASK",
        "IMAGE",
        "Look.image takes IMAGE, not MASK of 'm'",
    )


def test_a_cycle_is_told_with_its_path(bench: Bench) -> None:
    given = document(
        {"a": ("Add", {}), "b": ("Add", {}), "c": ("Add", {}), "out": ("Show", {})},
        *("a.INT > b.a", "b.INT > c.a", "c.INT > a.a", "c.INT > out.value"),
    )
    (problem,) = bench.plan(given).problems
    assert (problem.code, problem.message) == ("cycle", "a cycle: c -> a -> b -> c")


def test_a_node_that_feeds_itself_is_a_cycle(bench: Bench) -> None:
    given = document({"a": ("Add", {})}, "a.INT > a.a")
    (problem,) = bench.plan(given, ["a"]).problems
    assert (problem.code, problem.message) == ("cycle", "a cycle: a -> a")


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("gone.INT > out.value", "which does not exist"),
        ("one.INTEGER > out.value", "it has INT"),
        ("one.INT > out.valeu", "did you mean value"),
    ],
)
def test_a_dangling_link_says_which_end_hangs(bench: Bench, link: str, words: str) -> None:
    (problem,) = bench.plan(document({"one": ("Number", {}), "out": ("Show", {})}, link)).problems
    assert problem.code == "dangling_link"
    assert words in problem.message


def test_a_duplicate_id_is_a_problem(bench: Bench) -> None:
    given = document({"one": ("Number", {}), "out": ("Show", {})}, "one.INT > out.value")
    given["nodes"].append({"id": "one", "type": "Number"})
    assert codes(bench.plan(given)) == [("duplicate_id", "one", None)]


def test_two_links_into_one_input_are_a_problem(bench: Bench) -> None:
    given = document({"one": ("Number", {}), "out": ("Show", {})}, *["one.INT > out.value"] * 2)
    assert codes(bench.plan(given)) == [("too_many_links", "out", "value")]


def test_what_no_target_needs_is_no_problem(bench: Bench) -> None:
    given = document(
        {
            "out": ("Show", {}),
            "x": ("Unknown", {}),
            "y": ("Add", {"b": "bad"}),
            "z": ("Add", {}),
            "w": ("Add", {}),
        },
        *("z.INT > w.a", "w.INT > z.a", "nobody.INT > y.a", "x.INT > nobody.a"),
    )
    assert bench.plan(given).problems == ()


def test_a_problem_blocks_only_what_is_downstream(bench: Bench) -> None:
    given = document(
        {"bad": ("Number", {"value": "x"}), "one": ("Number", {}), "o1": ("Show", {}), "o2": ("Show", {})},
        *("bad.INT > o1.value", "one.INT > o2.value"),
    )
    planned = bench.plan(given)
    assert dict(planned.states()) == {"bad": "blocked", "o1": "blocked", "one": "will_run", "o2": "will_run"}


def test_without_sinks_there_is_nothing_to_run(bench: Bench) -> None:
    given = document({"one": ("Number", {}), "lost": ("SaveNumber", {})})
    assert codes(bench.plan(given)) == [("no_targets", None, None), ("unknown_type", "lost", None)]
    assert codes(bench.plan(given, [])) == [("no_targets", None, None)]


def test_a_target_must_be_an_active_node(bench: Bench) -> None:
    given = document({"one": ("Number", {}), "off": ("Number", {})}, off="muted")
    assert codes(bench.plan(given, ["gone", "off"])) == [
        ("unknown_target", "gone", None),
        ("unknown_target", "off", None),
    ]


def test_an_unknown_value_is_a_warning_and_the_plan_is_ok(bench: Bench) -> None:
    planned = bench.plan(document({"out": ("Show", {"valeu": 3})}))
    assert codes(planned) == [("unknown_input", "out", "valeu")]
    assert planned.problems[0].remedy == "Did you mean value?"
    assert planned.ok


def test_a_literal_of_null_means_the_default(bench: Bench) -> None:
    (step,) = bench.plan(document({"out": ("Show", {"value": None})})).steps
    assert dict(step.literals) == {"value": 0}


def test_a_link_wins_over_the_literal(bench: Bench) -> None:
    given = document({"one": ("Number", {}), "out": ("Show", {"value": "unfit"})}, "one.INT > out.value")
    assert bench.plan(given).ok


def test_a_muted_node_is_as_if_it_were_not_there(bench: Bench) -> None:
    nodes = {"one": ("Number", {}), "sum": ("Total", {}), "need": ("Add", {}), "out": ("Show", {})}
    links = ("one.INT > sum.items", "sum.INT > out.value")
    planned = bench.plan(document(nodes, *links, one="muted"))
    assert (planned.ok, [name for name, _ in planned.states()]) == (True, ["sum", "out"])
    needed = bench.plan(document(nodes, "one.INT > need.a", "need.INT > out.value", one="muted"))
    assert codes(needed) == [("missing_input", "need", "a")]
    assert "muted" in needed.problems[0].message
    assert codes(bench.plan(document(nodes, *links, out="muted"))) == [("no_targets", None, None)]


def test_a_bypassed_node_passes_its_first_linked_input_of_the_type(pictures: Bench) -> None:
    given = document(
        {"m": ("Selection", {}), "p": ("Picture", {}), "b": ("Blend", {}), "out": ("Look", {})},
        *("m.MASK > b.mask", "p.IMAGE > b.over", "b.IMAGE > out.image"),
        b="bypassed",
    )
    planned = pictures.plan(given)
    assert (planned.ok, [name for name, _ in planned.states()]) == (True, ["p", "out"])


def test_a_bypassed_node_passes_what_its_author_says(make_bench: Callable[..., Bench]) -> None:
    @node(id="Mixed", outputs=("mixed", "rest"), bypass={"mixed": "over", "rest": ""})
    def mixed(under: Image, over: Image) -> tuple[Image, Image]:
        return over, under

    bench = make_bench(*PICTURES, mixed)
    nodes: dict[str, Any] = {"p": ("Picture", {}), "q": ("Picture", {}), "b": ("Mixed", {})}
    nodes["look"] = ("Look", {})
    links = ("p.IMAGE > b.under", "q.IMAGE > b.over")
    planned = bench.plan(document(nodes, *links, "b.mixed > look.image", b="bypassed"))
    assert [name for name, _ in planned.states()] == ["q", "look"]
    nothing = bench.plan(document(nodes, *links, "b.rest > look.image", b="bypassed"))
    assert codes(nothing) == [("missing_input", "look", "image")]
    assert bench.registry.types["Mixed"].outputs[0].to_json() == {
        "name": "mixed", "type": "IMAGE", "list": False, "passes": "over",
    }  # fmt: skip
    with pytest.raises(UnknownInput, match="bypass= leads outputs to inputs"):
        node(bypass={"IMAGE": "nothing"})(as_it_is)


def as_it_is(image: Image) -> Image:
    return image


@pytest.mark.parametrize(
    ("kind", "passed"), [("Sides", ("p", "m")), ("Turned", ("m", "p")), ("Unnamed", ("p", "m"))]
)
def test_a_bypassed_node_passes_what_has_the_outputs_name_or_place(
    make_bench: Callable[..., Bench], kind: str, passed: tuple[str, str]
) -> None:
    @node(id="Sides", outputs=("positive", "negative"))
    def sides(positive: Image, negative: Image, hint: Image | None = None) -> tuple[Image, Image]:
        return positive, negative

    @node(id="Turned", outputs=("negative", "positive"))
    def turned(positive: Image, negative: Image) -> tuple[Image, Image]:
        return negative, positive

    @node(id="Unnamed", outputs=("one", "other"))
    def unnamed(positive: Image, strength: float = 1.0, *, negative: Image) -> tuple[Image, Image]:
        return positive, negative

    bench = make_bench(*PICTURES, sides, turned, unnamed)
    first, second = bench.registry.types[kind].outputs
    given = document(
        {
            "p": ("Picture", {}),
            "m": ("Picture", {}),
            "b": (kind, {}),
            "first": ("Look", {}),
            "second": ("Look", {}),
        },
        *("p.IMAGE > b.positive", "m.IMAGE > b.negative"),
        *(f"b.{first.name} > first.image", f"b.{second.name} > second.image"),
        b="bypassed",
    )
    planned = bench.plan(given)
    assert planned.ok
    sources = {step.id: step.links[0].source for step in planned.steps if step.links}
    assert (sources["first"], sources["second"]) == passed


def test_bypassed_nodes_in_a_row_and_in_a_ring(bench: Bench) -> None:
    count = 3000
    nodes: dict[str, Any] = {"one": ("Number", {})}
    nodes |= {f"n{place}": ("Add", {}) for place in range(count)} | {"out": ("Show", {})}
    links = [f"n{place}.INT > n{place + 1}.a" for place in range(count - 1)]
    off = {f"n{place}": "bypassed" for place in range(count)}
    row = document(nodes, "one.INT > n0.a", *links, f"n{count - 1}.INT > out.value", **off)
    assert [name for name, _ in bench.plan(row).states()] == ["one", "out"]
    ring = document(nodes, f"n{count - 1}.INT > n0.a", *links, "n7.INT > out.value", **off)
    assert [name for name, _ in bench.plan(ring).states()] == ["out"]  # its literal stands in


def test_conversions_unions_and_any_feed(pictures: Bench) -> None:
    given = document(
        {
            "one": ("Number", {"value": 3}),
            "half": ("Half", {}),
            "any": ("Passing", {}),
            "again": ("Half", {}),
        },
        *("one.INT > half.value", "half.FLOAT > any.value", "any.ANY > again.value"),
    )
    assert pictures.value(given, "again") == 0.75
    union = document({"m": ("Selection", {}), "e": ("Either", {})}, "m.MASK > e.value")
    assert pictures.value(union, "e") == "mask"
    back = document({"half": ("Half", {}), "out": ("Show", {})}, "half.FLOAT > out.value")
    assert codes(pictures.plan(back)) == [("type_mismatch", "out", "value")]


def test_a_pack_declares_a_conversion(pictures: Bench) -> None:
    @conversion(MASK, IMAGE)
    def mask_to_image(mask: object) -> object:
        return f"image of {mask}"

    pictures.registry.take([mask_to_image], "test")
    given = document(
        {"m": ("Selection", {}), "p": ("Picture", {}), "b": ("Blend", {})},
        *("m.MASK > b.under", "p.IMAGE > b.over"),
    )
    assert pictures.value(given, "b") == ("image of mask", 0.5, None, "mix")
