"""History: searched, paged, and two runs held against each other."""

import time
from typing import Any

import pytest

from service.comparison import differences
from tests.service.conftest import Service, chain, document
from tests.service.test_runs import codes


@pytest.fixture
async def past(service: Service) -> dict[str, str]:
    """Some runs, by their titles."""
    runs = {}
    for number, (title, kind, client) in enumerate(
        [
            ("A red fox", "Nap", "ann"),
            ("a blue bird", "Nap", "bob"),
            ("Fails 100%", "Fail", "bob"),
            ("Grüße_1", "Nap", "ann"),
        ]
    ):
        workflow = chain(kind, value=7000 + number) | {"title": title}
        runs[title] = (await service.run(workflow, client=client)).durable[0]["run"]
    return runs


async def found(service: Service, query: str) -> list[str]:
    return [run["title"] for run in (await service.get(f"runs?{query}"))["runs"]]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Grüße_1", "Fails 100%", "a blue bird", "A red fox"]),
        ("text=FOX", ["A red fox"]),
        ("text=fox%20a", ["A red fox"]),
        ("text=fox%20bird", []),
        ("text=7001", ["a blue bird"]),
        ("text=gr%C3%BC%C3%9Fe", ["Grüße_1"]),
        ("text=%25", ["Fails 100%"]),
        ("text=_", ["Grüße_1"]),
        ("text='%20OR%201", []),
        ("status=failed", ["Fails 100%"]),
        ("client=bob", ["Fails 100%", "a blue bird"]),
        ("client=bob&status=succeeded", ["a blue bird"]),
        ("until=1000", []),
        ("since=1000&limit=1", ["Grüße_1"]),
    ],
)
@pytest.mark.usefixtures("past")
async def test_runs_are_found_by_words_status_client_and_time(
    service: Service, query: str, titles: list[str]
) -> None:
    assert await found(service, query) == titles


@pytest.mark.usefixtures("past")
async def test_runs_of_the_future_are_none(service: Service) -> None:
    assert await found(service, f"since={time.time() + 10}") == []


@pytest.mark.usefixtures("past")
async def test_pages_follow_one_another_without_gap_or_overlap(service: Service) -> None:
    every, pages, before = await found(service, ""), [], ""
    while True:
        page = await service.get(f"runs?limit=3{before}")
        pages.append([run["title"] for run in page["runs"]])
        if page["next"] is None:
            break
        await service.run(chain("Nap"))  # What is new moves no page.
        before = f"&before={page['next']}"
    assert pages == [every[:3], every[3:]]


@pytest.mark.parametrize(
    "query", ["status=lost", "limit=-1", "limit=0", "limit=1001", "before=x", "since=soon", "until=nan"]
)
async def test_a_search_that_means_nothing_is_refused(service: Service, query: str) -> None:
    async with service.client.get(f"/api/v1/runs?{query}") as answer:
        assert (answer.status, codes(await answer.json())) == (400, ["wrong_query"])


async def test_a_listed_run_shows_what_it_made(service: Service, past: dict[str, str]) -> None:
    (run,) = (await service.get("runs?text=fox"))["runs"]
    assert run["artifacts"] == [{"step": "show", "kind": "text", "text": "7000"}]
    assert run["id"] == past["A red fox"]


async def test_two_runs_differ_by_the_inputs_that_changed(service: Service, past: dict[str, str]) -> None:
    one, other = past["A red fox"], past["a blue bird"]
    assert await service.get(f"runs/{one}/diff/{other}") == {
        "before": one,
        "after": other,
        "changes": [
            {
                "node": "number",
                "type": "Number",
                "change": "changed",
                "input": "value",
                "from": {"value": 7000},
                "to": {"value": 7001},
            }
        ],
        "artifacts": {
            "before": [{"step": "show", "kind": "text", "text": "7000"}],
            "after": [{"step": "show", "kind": "text", "text": "7001"}],
        },
    }
    assert (await service.get(f"runs/{one}/diff/{one}"))["changes"] == []
    for path in (f"runs/{one}/diff/nobody", f"runs/nobody/diff/{one}"):
        async with service.client.get(f"/api/v1/{path}") as answer:
            assert answer.status == 404


def test_nodes_links_modes_and_types_are_compared_and_drawing_is_not() -> None:
    def with_node(node: dict[str, Any], **fields: Any) -> dict[str, Any]:
        nodes = [{**each, **fields} if each["id"] == node["id"] else each for each in base["nodes"]]
        return {**base, "nodes": nodes}

    base = chain("Nap", seconds=1)
    middle = base["nodes"][1]
    about = {"node": "middle", "type": "Nap", "change": "changed"}
    drawn = with_node(middle, position=[5, 5], title="Sleep", collapsed=True)
    assert list(differences(base, {**drawn, "notes": [{"id": "n"}], "title": "x"})) == []
    muted = {**about, "field": "mode", "from": "active", "to": "muted"}
    assert list(differences(base, with_node(middle, mode="muted"))) == [muted]
    deaf = {**about, "type": "Deaf", "field": "type", "from": "Nap", "to": "Deaf"}
    assert list(differences(base, with_node(middle, type="Deaf"))) == [deaf]
    kind = {**about, "input": "seconds", "from": {"value": 1}, "to": {"value": 1.0}}
    assert list(differences(base, with_node(middle, inputs={"seconds": 1.0}))) == [kind]
    other = document(*[(n["id"], n["type"], n["inputs"]) for n in base["nodes"][:2]], ("new", "Number", {}))
    assert list(differences(base, other)) == [
        {**about, "input": "value", "from": {"links": [["number", "INT"]]}, "to": None},
        {"node": "show", "type": "Show", "change": "removed"},
        {"node": "new", "type": "Number", "change": "added"},
    ]


@pytest.mark.parametrize("broken", [{}, {"nodes": 3, "links": "x"}, {"nodes": [1, {"id": 2}], "links": [{}]}])
def test_a_document_that_is_none_has_no_nodes_to_compare(broken: dict[str, Any]) -> None:
    added = [{"node": name, "change": "added"} for name in ("number", "middle", "show")]
    found = [{"node": each["node"], "change": each["change"]} for each in differences(broken, chain("Nap"))]
    assert found == added


def summed(plus: int, *, default: int = 1, kind: str = "graph", output: str = "one") -> dict[str, Any]:
    """A number through a sub-graph that adds to it."""
    nodes = [{"id": own, "type": "Add", "inputs": {"b": plus}} for own in ("one", "two")]
    body = {
        "id": "sum", "kind": kind, "outputs": [{"name": "sum", "type": "INT"}], "nodes": nodes,
        "inputs": [{"name": "a", "type": "INT", "default": default}],
        "links": [{"from": ["@in", "a"], "to": ["one", "a"]}, {"from": ["one", "INT"], "to": ["two", "a"]},
                  {"from": [output, "INT"], "to": ["@out", "sum"]}],
    }  # fmt: skip
    given = document(("it", "@sum", {}), ("show", "Show", {"value": ("it", "sum")}))
    return {**given, "subgraphs": [body]}


@pytest.mark.parametrize(
    ("other", "changes"),
    [
        (summed(2), []),
        (summed(3), [(f"@sum/{own}", "b", {"value": 2}, {"value": 3}) for own in ("one", "two")]),
        (summed(2, default=5), [("@sum", "a", {"value": 1}, {"value": 5})]),
        (
            summed(2, output="two"),
            [("@sum/@out", "sum", {"links": [["one", "INT"]]}, {"links": [["two", "INT"]]})],
        ),
        (summed(2, kind="repeat"), [("@sum", None, "graph", "repeat")]),
    ],
)  # fmt: skip
def test_what_changed_in_a_subgraph_is_told(other: dict[str, Any], changes: list[Any]) -> None:
    found = differences(summed(2), other)
    assert [(each["node"], each.get("input"), each["from"], each["to"]) for each in found] == changes


async def test_runs_are_found_by_what_is_in_their_subgraphs(service: Service) -> None:
    run = await service.start(summed(-73))
    await service.until(run, "succeeded")
    assert [each["id"] for each in (await service.get("runs?text=-73"))["runs"]] == [run]
