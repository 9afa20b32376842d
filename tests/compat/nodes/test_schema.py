"""Nodes that packs declare by schemas run as the others do; what is not there is refused by name."""

from compat.nodes.info import info_of
from tests.compat.nodes.conftest import PackBench
from tests.compat.nodes.test_running import planned
from tests.graph.sample import document


def thresholded(**inputs: object):
    nodes = {"load": ("PackLoadImage", {"image": "small.png"}), "n": ("SchemaThreshold", inputs)}
    nodes |= {"show": ("PreviewAny", {})}
    return document(nodes, "load.IMAGE > n.image", "n.white > show.source")


def test_a_node_with_a_schema_runs_and_shows(bench: PackBench) -> None:
    ran = bench.run(thresholded(level=0.3))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.texts_of(ran)["show"] == [str(sum(value / 255 > 0.3 for value in range(192)))]
    (name,) = [name for name in ran.names if name]
    assert bench.picture(name, "temp").shape == (8, 8, 3) and ("n", 1, 2) in ran.progress


def test_its_literals_are_checked_by_the_schema_and_by_itself(bench: PackBench) -> None:
    assert [each.message for each in planned(bench, thresholded(level=0.25)).problems] == [
        "SchemaThreshold.level: level: a quarter is not to be had"
    ]
    (problem,) = planned(bench, thresholded(mode="medium")).problems
    assert (problem.code, problem.input) == ("value_not_a_choice", "mode")


def test_it_is_described_as_it_declares_itself(bench: PackBench) -> None:
    node_type = bench.registry.get("SchemaThreshold")
    assert node_type is not None
    told = info_of(node_type)
    assert told is not None and told["input"] == {
        "required": {
            "image": ["IMAGE", {"tooltip": "a picture"}],
            "level": ["FLOAT", {"default": 0.5, "min": 0.0, "max": 1.0, "step": 0.01, "display": "slider"}],
            "mode": ["COMBO", {"options": ["soft", "hard"], "default": "hard"}],
        },
        "optional": {"mask": ["MASK", {}]},
        "hidden": {"unique_id": ["UNIQUE_ID"], "prompt": ["PROMPT"]},
    }
    assert (told["output"], told["output_name"]) == (["IMAGE", "INT"], ["picture", "white"])
    assert (told["display_name"], told["search_aliases"]) == ("Threshold (schema)", ["binary"])


def test_lazy_and_blocked_in_an_async_node(bench: PackBench) -> None:
    def switched(switch: bool, exponent: int):
        nodes = {
            "yes": ("Pack Integer Math", {"a": 0, "operation": "add", "b": exponent}),
            "no": ("Pack Integer Math", {"a": 5, "operation": "add", "b": 0}),
            **{"switch": ("SchemaSwitch", {"switch": switch}), "show": ("PreviewAny", {})},
        }
        links = ("yes.number > switch.on_true", "no.number > switch.on_false", "switch.output > show.source")
        return bench.run(document(nodes, *links))

    ran = switched(True, 3)
    assert bench.texts_of(ran) == {"show": ["3"]} and "no" not in ran.did_run
    ran = switched(False, 3)
    assert bench.texts_of(ran) == {"show": ["5"]}
    assert switched(True, 0).failed.message == "PreviewAny.source is blocked: zero leads nowhere"


def test_what_schemas_lack_is_refused_by_name(bench: PackBench) -> None:
    told = [each.message for each in bench.registry.problems if each.message.startswith("schema_pack")]
    assert told == [
        "schema_pack.py: the node 'SchemaDepends' needs parts of ComfyUI that are not there: "
        "comfy_api.latest.io.DynamicSlot.Input (schema_pack.py:101)",
    ]
