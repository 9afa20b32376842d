"""What enters the key of a step, and what does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from graph import Choice, File, node
from graph.plan import Plan, plan
from graph.problems import Problem
from tests.graph.pictures import PICTURES
from tests.graph.sample import (
    Bench,
    add,
    document,
    number,
    read,
)


def codes(planned: Plan) -> list[tuple[str, str | None, str | None]]:
    return [(problem.code, problem.node, problem.input) for problem in planned.problems]


def states(planned: Plan) -> dict[str, tuple[str, str]]:
    return {step.id: (step.state, step.reason) for step in planned.steps}


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
    given = document({"n": ("Number", {}), "a": ("Add", {})}, "n.INT > a.a")
    before = key_of(bench.plan(given, ["a"]), "a")
    given["nodes"][1] |= {"position": [3, 4], "title": "other", "colour": "#fff"}
    given["nodes"][1] |= {"pinned": True, "compact": True}
    given["links"][0] |= {"via": [[1, 2]], "portal": "number"}
    given["frames"] = [{"title": "all", "position": [0, 0], "size": [9, 9], "folded": ["a"]}]
    given["view"] = {"x": 0, "y": 0, "zoom": 1, "kept": {"1": {"x": 0, "y": 0, "zoom": 1}}}
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
    nothing = problem(None)
    assert (nothing.code, nothing.expected, nothing.remedy) == (
        "missing_input", "a file of the folder loras", "Choose a file.",
    )  # fmt: skip
    assert [fix.to_json() for fix in nothing.fixes] == [
        {
            "label": "Set to cat.safetensors",
            "patch": [{"op": "set_input", "node": "l", "input": "file", "value": "cat.safetensors"}],
        }
    ]


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
