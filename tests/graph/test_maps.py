"""Maps: a turn for each item, several at once, in their order and in bounded number."""

import threading
from collections.abc import Callable

from graph import node
from graph.events import StepFailed, StepFinished, StepWarned
from graph.lists import Deferred
from tests.graph.sample import SAMPLES, Bench, document, subgraph
from tests.graph.test_mapping import Box
from tests.graph.test_subgraphs import with_subgraphs
from tests.graph.zoned import INVERSE, inside, mapped


def test_a_map_runs_once_for_each_item_and_keeps_their_order(zones: Bench) -> None:
    given = mapped("1 2 4 5 8 10 20", INVERSE)
    assert zones.value(given, "z") == [1, 0.5, 0.25, 0.2, 0.125, 0.1, 0.05]
    assert zones.value(given, "z", 1) == [0, 1, 2, 3, 4, 5, 6]


def test_a_changed_item_costs_itself_alone(zones: Bench) -> None:
    zones.run(mapped("1 2 4", INVERSE), ["z"])
    ran = zones.run(mapped("1 5 4 2", INVERSE), ["z"])
    assert inside(ran, ran.did_run) == ["z/i[z=1]"]


def test_a_failing_item_names_its_turn_and_the_others_are_kept(zones: Bench) -> None:
    ran = zones.run(mapped("1 2 3 4 5", INVERSE), ["z"])
    (problem,) = ran.finished.problems
    assert (problem.node, problem.message) == ("z/i", "Inverse: three has none (at z 2)")
    assert {event.step for event in ran.of(StepFailed)} == {"z/i[z=2]", "z"}
    ran = zones.run(mapped("1 2 7 4 5", INVERSE), ["z"])
    assert ran.finished.status == "succeeded"
    assert {"z/i[z=0]", "z/i[z=1]"} <= ran.was_cached


def test_a_map_of_nothing_makes_nothing(zones: Bench) -> None:
    ran = zones.run(mapped("", INVERSE), ["z"])
    assert [event.problem.code for event in ran.of(StepWarned)] == ["empty_list"]
    assert zones.value(mapped("", INVERSE), "z") == []


def test_sinks_in_a_map_run_for_every_item_and_again_only_if_something_changed(zones: Bench) -> None:
    body = subgraph("z", "v:INT+each", "", {"save": ("Save", {})}, "@in.v > save.value", kind="map")
    ran = zones.run(mapped("7 8", body))
    shown = {event.step: [each.text for each in event.artifacts] for event in ran.of(StepFinished)}
    assert {step: shown[step] for step in shown if "/" in step} == {
        "z/save[z=0]": ["7"],
        "z/save[z=1]": ["8"],
    }
    ran = zones.run(mapped("7 8 9", body))
    assert (inside(ran, ran.did_run), inside(ran, ran.was_cached)) == (
        ["z/save[z=2]"], ["z/save[z=0]", "z/save[z=1]"],
    )  # fmt: skip


def test_a_list_goes_whole_into_an_input_that_takes_one(zones: Bench) -> None:
    body = subgraph("z", "v:INT+each all:INT+list", "out:INT", {"t": ("Total", {}), "add": ("Add", {})},
                    "@in.all > t.items", "t.INT > add.a", "@in.v > add.b", "add.INT > @out.out",
                    kind="map")  # fmt: skip
    given = mapped("1 2 3", body, "n.INT > z.all")
    assert zones.value(given, "z") == [7, 8, 9]


def test_items_that_are_read_when_they_are_taken_go_through_in_bounded_number(
    make_bench: Callable[..., Bench],
) -> None:
    alive: set[int] = set()
    most = 0
    lock = threading.Lock()

    class Picture:
        def __init__(self, place: int) -> None:
            nonlocal most
            self.place = place
            with lock:
                alive.add(id(self))
                most = max(most, len(alive))

        def __del__(self) -> None:
            alive.discard(id(self))

    @node()
    def folder(count: int = 1) -> list[Box]:
        return Deferred(Picture, [f"file {place}" for place in range(count)])  # type: ignore[return-value]

    @node()
    def place_of(picture: Box) -> int:
        return int(picture.place)

    bench = make_bench(*SAMPLES, folder, place_of)
    body = subgraph("z", "v:BOX+each", "out:INT", {"p": ("PlaceOf", {})},
                    "@in.v > p.picture", "p.INT > @out.out", kind="map")  # fmt: skip
    given = with_subgraphs(document({"f": ("Folder", {"count": 500}), "z": ("@z", {})}, "f.BOX > z.v"), body)
    assert bench.value(given, "z") == list(range(500))
    assert most <= 16
