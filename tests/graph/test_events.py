"""Events and problems are the JSON that docs/protocol.md names."""

import json
import re
from pathlib import Path
from typing import get_args

from graph import problems
from graph.artifacts import Artifact
from graph.events import (
    CatalogChanged,
    Event,
    QueueChanged,
    RunEdited,
    RunFinished,
    RunInterrupted,
    RunMoved,
    RunQueued,
    RunStarted,
    StepCached,
    StepFailed,
    StepFinished,
    StepPreview,
    StepProgress,
    StepSkipped,
    StepStarted,
    StepWarned,
)
from graph.problems import Fix, Nearest, Problem, remove_link, scalar, set_input, set_type, words

ENGINE = Path(__file__).parents[2] / "graph"
PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"
IMAGE = Artifact("image", "output", "x_00001_.png", 128, 64)
PROBLEM = Problem("code", "words")
VALUES = {"succeeded", "failed", "cancelled", "stopped", "killed"}
SAMPLES: list[Event] = [
    RunQueued("r", "title", "me", (("a", "cached"),)),
    RunStarted("r"),
    StepStarted("r", "a"),
    StepCached("r", "a", (IMAGE,)),
    StepProgress("r", "a", 1, None),
    StepPreview("r", "a", "image/jpeg", b"bytes"),
    StepFinished("r", "a", 0.1234567, (IMAGE,), bytes=3072, memory={"host": 2**20}),
    StepWarned("r", "a", PROBLEM),
    StepFailed("r", "a", PROBLEM),
    StepSkipped("r", "a", "b"),
    RunFinished("r", "failed", 1.5, (PROBLEM,)),
    CatalogChanged(),
    RunMoved("r", 1, 2.5),
    RunEdited("r", "title", (("a", "will_run"),)),
    RunInterrupted("r", "killed"),
    QueueChanged(paused=True),
]


def test_every_event_is_json_with_its_type_and_run() -> None:
    assert {type(event) for event in SAMPLES} == set(get_args(Event))
    for event in SAMPLES:
        record = json.loads(json.dumps(event.to_json()))
        assert record["type"] == type(event).__name__
        assert "run" in record
    assert SAMPLES[6].to_json() == {
        "type": "StepFinished",
        "run": "r",
        "step": "a",
        "seconds": 0.123457,
        "artifacts": [
            {"kind": "image", "folder": "output", "name": "x_00001_.png", "width": 128, "height": 64}
        ],
        "bytes": 3072,
        "memory": {"host": 1048576},
    }


def test_every_event_of_the_protocol_has_the_fields_it_names() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|$", PROTOCOL.read_text(), re.MULTILINE)
    fields = {name: set(re.findall(r"`(\w+)`", text.partition(":")[0] + text)) for name, text in rows}
    for event in SAMPLES:
        record = event.to_json()
        named = fields.get(record["type"], set(record)) - VALUES
        assert named <= set(record), record["type"]


def test_a_problem_has_every_field_of_the_protocol() -> None:
    fix = Fix("Set", (set_input("n", "i", 1), remove_link("n", "i"), set_type("n", "T")))
    record = Problem("c", "m", "n", "i", 3, "e", "r", (fix,), details="trace").to_json()
    assert set(record) == {
        *("code", "severity", "node", "input", "message"),
        *("given", "expected", "remedy", "fixes", "details"),
    }
    assert record["fixes"] == [
        {
            "label": "Set",
            "patch": [
                {"op": "set_input", "node": "n", "input": "i", "value": 1},
                {"op": "remove_link", "to": ["n", "i"]},
                {"op": "set_type", "node": "n", "type": "T"},
            ],
        }
    ]


def test_any_object_has_short_words() -> None:
    class Loud:
        def __repr__(self) -> str:
            raise RuntimeError

    assert [words(each) for each in (None, True, 3, 2.5, "é", [1, 2], {"a": 1}, Loud())] == [
        *("None", "True", "3", "2.5", "'é'", "a list of 2", "an object of 1 fields", "a Loud"),
    ]
    assert scalar(10**5000) == "a whole number of 16610 bits"
    assert scalar(float("nan")) == "nan"
    assert len(words("x" * 10**6)) < 300
    json.dumps([scalar(each) for each in (float("inf"), 10**5000, Loud(), b"", {1})], allow_nan=False)


def test_the_nearest_names_are_found_once_each_within_a_budget() -> None:
    find = Nearest(budget=1)
    assert find("nmuber", ["Number", "Add"], of="types") == ("Number",)
    assert find("nmuber", [], of="types") == ("Number",)
    assert find("ad", ["Number", "Add"], of="types") == ()
    assert problems.nearest("ADD", ["Add"]) == ("Add",)


def test_every_problem_code_is_named_in_the_protocol() -> None:
    made = re.compile(
        r"""(?:Problem\(|Refused\(|_refuse\(\s*checked,|_malformed\(|code(?:: str)? = |code, remedy = )\s*"""
        r'''"(\w+)"'''
    )
    codes = {code for path in ENGINE.glob("*.py") for code in made.findall(path.read_text())}
    assert len(codes) > 20
    assert codes <= set(re.findall(r"`(\w+)`", PROTOCOL.read_text()))
