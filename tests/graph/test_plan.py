"""A plan is the steps that the targets need, or every reason why they cannot be made."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from graph import Choice, File, Lazy, conversion, node
from graph.nodetype import node_type
from graph.plan import Plan, plan
from graph.problems import Fix, Problem
from tests.graph.sample import (
    IMAGE,
    MASK,
    SAMPLES,
    Bench,
    Image,
    Mask,
    add,
    chain,
    document,
    number,
    read,
    registry_of,
)
from tests.graph.stored import disk_in


def codes(planned: Plan) -> list[tuple[str, str | None, str | None]]:
    return [(problem.code, problem.node, problem.input) for problem in planned.problems]


def states(planned: Plan) -> dict[str, tuple[str, str]]:
    return {step.id: (step.state, step.reason) for step in planned.steps}


@node()
def picture(shade: float = 0.5) -> Image:
    return shade


@node()
def selection() -> Mask:
    return "mask"


@node()
def blend(under: Image, over: Image, mask: Mask | None = None, mode: Literal["add", "mix"] = "mix") -> Image:
    return (under, over, mask, mode)


@node(sink=True)
def look(image: Image) -> None: ...


@node()
def either(value: Image | Mask) -> Image:
    return value


@node()
def half(value: float = 1.0) -> float:
    return value / 2


@node()
def passing(value: Any) -> Any:
    return value


PICTURES = (picture, selection, blend, look, either, half, passing)


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


# Modes


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


# What may feed what


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


# Keys


def key_of(planned: Plan, name: str) -> str:
    return next(step.key for step in planned.steps if step.id == name)


def test_equal_content_has_equal_keys_wherever_it_stands(bench: Bench) -> None:
    first = bench.plan(document({"a": ("Number", {"value": 3}), "b": ("Add", {})}, "a.INT > b.a"), ["b"])
    other = bench.plan(
        document({"x": ("Number", {"value": 3.0}), "y": ("Add", {"b": 0})}, "x.INT > y.a"), ["y"]
    )
    assert key_of(first, "b") == key_of(other, "y")


def test_which_input_and_which_output_are_linked_enters_the_key(make_bench: Callable[..., Bench]) -> None:
    @node(outputs=("first", "second"))
    def two() -> tuple[int, int]:
        return 1, 2

    @node()
    def minus(a: int = 0, b: int = 0) -> int:
        return a - b

    bench = make_bench(two, minus)
    nodes = {"t": ("Two", {}), "m": ("Minus", {})}
    wirings = [
        ["t.first > m.a"],
        ["t.second > m.a"],
        ["t.first > m.b"],
        ["t.first > m.a", "t.first > m.b"],
        [],
    ]
    keys = [key_of(bench.plan(document(nodes, *links), ["m"]), "m") for links in wirings]
    assert len(set(keys)) == 5
    assert [bench.value(document(nodes, *links), "m") for links in wirings] == [1, 2, -1, 0, 0]


def test_drawing_fields_do_not_enter_the_key(bench: Bench) -> None:
    given = document({"a": ("Number", {})})
    before = key_of(bench.plan(given, ["a"]), "a")
    given["nodes"][0] |= {"position": [3, 4], "title": "other", "colour": "#fff"}
    assert key_of(bench.plan(given, ["a"]), "a") == before


def test_a_files_content_enters_the_key(make_bench: Callable[..., Bench], tmp_path: Path) -> None:
    @node()
    def load(file: Annotated[Path, File("loras")]) -> int:
        return file.stat().st_size

    bench = make_bench(load)
    folder = tmp_path / "models" / "loras"
    folder.mkdir(parents=True)
    for name, content in (("a.safetensors", b"one"), ("b.safetensors", b"one"), ("c.safetensors", b"two")):
        (folder / name).write_bytes(content)
    keys = [
        key_of(bench.plan(document({"l": ("Load", {"file": f"{name}.safetensors"})}), ["l"]), "l")
        for name in "abc"
    ]
    assert keys[0] == keys[1] != keys[2]
    assert bench.value(document({"l": ("Load", {"file": "a.safetensors"})}), "l") == 3


def test_missing_files_and_traversal_are_problems(make_bench: Callable[..., Bench], tmp_path: Path) -> None:
    @node()
    def load(file: Annotated[Path, File("loras")]) -> int:
        return 0

    bench = make_bench(load)
    (tmp_path / "models" / "loras").mkdir(parents=True)
    (tmp_path / "models" / "loras" / "cat.safetensors").write_bytes(b"")

    def problem(name: object) -> Problem:
        return bench.plan(document({"l": ("Load", {"file": name})}), ["l"]).problems[0]

    assert problem("cta.safetensors").code == "file_not_found"
    assert problem("cta.safetensors").remedy.endswith("or choose 'cat.safetensors'.")
    assert problem("../../secret").code == "path_refused"
    assert problem(3).code == "wrong_value_type"
    assert problem(None).code == "missing_input"


def test_a_file_is_not_linked(make_bench: Callable[..., Bench]) -> None:
    @node()
    def load(file: Annotated[Path, File("loras")]) -> int:
        return 0

    bench = make_bench(load, *PICTURES)
    given = document({"p": ("Passing", {}), "l": ("Load", {})}, "p.ANY > l.file")
    assert ("type_mismatch", "l", "file") in codes(bench.plan(given, ["l"]))


def test_an_impure_node_has_a_fresh_key_or_its_fingerprints(make_bench: Callable[..., Bench]) -> None:
    now = [1]

    @node(pure=False)
    def dice() -> int:
        return 4

    @node(pure=False, fingerprint=lambda scale: (now[0], scale))
    def clock(scale: int = 1) -> int:
        return now[0] * scale

    bench = make_bench(dice, clock)
    given = document({"d": ("Dice", {}), "c": ("Clock", {})})
    first, second = (bench.plan(given, ["d", "c"]) for _ in range(2))
    assert key_of(first, "d") != key_of(second, "d")
    assert key_of(first, "c") == key_of(second, "c")
    assert states(first)["d"] == ("will_run", "runs every time")
    now[0] = 2
    assert key_of(bench.plan(given, ["c"]), "c") != key_of(first, "c")


def test_a_packs_own_functions_may_fail_and_are_problems(make_bench: Callable[..., Bench]) -> None:
    def broken(**_: object) -> Any:
        raise OSError("the disk is gone")

    @node(pure=False, fingerprint=broken)
    def stamped() -> int:
        return 0

    @node()
    def choosing(name: Annotated[str, Choice(broken)]) -> int:
        return 0

    bench = make_bench(stamped, choosing)
    given = document({"s": ("Stamped", {}), "c": ("Choosing", {"name": "x"})})
    assert codes(bench.plan(given, ["s", "c"])) == [
        ("fingerprint_failed", "s", None),
        ("input_not_checked", "c", "name"),
    ]


# States


def test_after_a_run_everything_is_cached_and_a_change_says_what_runs(bench: Bench) -> None:
    given = chain(5)
    bench.run(given)
    assert set(states(bench.plan(given)).values()) == {("cached", "in the cache")}
    given["nodes"][2]["inputs"]["b"] = 77
    assert dict(bench.plan(given).states()) == {
        "n0": "cached",
        "n1": "cached",
        "n2": "will_run",
        "n3": "will_run",
        "show": "will_run",
    }


def test_what_left_the_cache_runs_only_if_it_is_needed(bench: Bench) -> None:
    given = chain(4)
    ran = bench.run(given)
    bench.cache.discard(key_of(ran.plan, "n1"))
    planned = bench.plan(given)
    assert states(planned)["n1"] == ("cached", "not needed: what uses it is in the cache")
    bench.cache.discard(key_of(ran.plan, "show"))
    assert dict(bench.plan(given).states()) == {
        **{"n0": "cached", "n1": "cached", "n2": "cached"},
        "show": "will_run",
    }


def test_equal_steps_run_once(bench: Bench) -> None:
    given = document(
        {"a": ("Number", {"value": 1}), "b": ("Number", {"value": 1}), "sum": ("Total", {})},
        *("a.INT > sum.items", "b.INT > sum.items"),
    )
    assert states(bench.plan(given, ["sum"]))["b"] == ("cached", "the same as a")
    ran = bench.run(given, ["sum"])
    assert (ran.did_run, ran.was_cached) == ({"a", "sum"}, {"b"})
    assert bench.value(given, "sum") == 2


def test_lazy_inputs_are_planned_like_others(make_bench: Callable[..., Bench]) -> None:
    @node()
    def wait(mask: Lazy[Mask], other: Lazy[Mask] | None = None) -> Mask:
        return (mask.get(), other)

    bench = make_bench(*PICTURES, wait)
    given = document({"m": ("Selection", {}), "w": ("Wait", {})}, "m.MASK > w.mask")
    assert bench.value(given, "w") == ("mask", None)
    assert codes(bench.plan(document({"w": ("Wait", {})}), ["w"])) == [("missing_input", "w", "mask")]


def test_a_bug_in_planning_is_a_problem_too() -> None:
    broken: Any = None
    planned = plan(broken, registry_of())
    assert [problem.code for problem in planned.problems] == ["internal_error"]


def test_planning_many_unknown_types_stays_quick(bench: Bench) -> None:
    nodes: dict[str, Any] = {f"n{place}": (f"Unknwon{place}", {}) for place in range(3000)}
    nodes["out"] = ("Total", {})
    planned = bench.plan(document(nodes, *(f"{name}.INT > out.items" for name in list(nodes)[:-1])), ["out"])
    assert len(planned.problems) == 3000


def test_a_registry_takes_node_types_made_elsewhere(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    assert bench.registry.get("Number") is node_type(SAMPLES[0])
    assert read(chain(3)).nodes[0].type == "Number"


def test_the_numerics_mode_enters_the_keys_of_the_gpu_lane_and_below(
    make_bench: Callable[..., Bench],
) -> None:
    @node(lane="gpu")
    def sample(value: int) -> int:
        return value

    bench = make_bench(number, sample, add)
    given = document(
        {"n": ("Number", {}), "s": ("Sample", {}), "a": ("Add", {})}, "n.INT > s.value", "s.INT > a.a"
    )

    def keys(mode: str) -> list[str]:
        planned = plan(
            read(given), bench.registry, targets=["a"], folders=bench.folders, numerics=lambda: mode
        )
        return [step.key for step in planned.steps]

    first, again, other = keys("cpu float32"), keys("cpu float32"), keys("cuda float16")
    assert first == again
    assert [one == two for one, two in zip(first, other, strict=True)] == [True, False, False]


def test_a_cached_step_says_where_it_lies_how_old_and_how_large_it_is(
    make_bench: Callable[..., Bench], tmp_path: Path
) -> None:
    @node()
    def nap(value: int = 0) -> int:
        time.sleep(0.002)
        return value

    disk = disk_in(tmp_path / "cache")
    bench = make_bench(nap, disk=disk)
    given = document({"n": ("Nap", {"value": 7})})
    (fresh,) = bench.plan(given, ["n"]).steps
    assert "kept" not in fresh.to_json(time.time())
    bench.run(given, ["n"])
    (step,) = bench.plan(given, ["n"]).steps
    assert step.kept is not None
    told = step.to_json(step.kept.made + 90)["kept"]
    entry = bench.cache.get(step.key)
    assert entry is not None
    seconds = round(entry.seconds, 6)
    assert told == {"where": "memory", "age": 90.0, "bytes": entry.bytes, "seconds": seconds}
    assert disk.flush(5)
    bench.cache.clear()
    (step,) = bench.plan(given, ["n"]).steps
    assert step.kept is not None
    stored = disk.find(step.key)
    assert stored is not None
    told = step.to_json(entry.made)["kept"]
    assert told == {"where": "disk", "age": 0.0, "bytes": stored.bytes, "seconds": seconds}
