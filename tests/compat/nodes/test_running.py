"""Nodes of packs run in workflows as those of ours do: looked up, asked lazily, stopped, shown."""

import json
import sys

import pytest
import torch

from compat.formats import write_as
from compat.nodes.here import inside
from compat.nodes.values import own
from compat.object_info import known_nodes
from compat.reading import read_value
from graph.events import StepFinished
from graph.plan import plan
from graph.workflow import read_document
from tests.compat.nodes.conftest import PackBench, saved
from tests.graph.sample import document
from tests.nodes.bench import changed


def planned(bench: PackBench, given: object):
    workflow, _ = read_document(given)
    return plan(workflow, bench.registry, folders=bench.folders, cache=bench.cache)


def test_numbers_choices_anything_async_and_lazy(bench: PackBench) -> None:
    ran = bench.run(saved("logic"))
    assert ran.finished.status == "succeeded" and bench.texts_of(ran) == {"show": ["27.0"]}
    assert ran.progress == [("wait", 1, 3), ("wait", 2, 3), ("wait", 3, 3)]
    asked = sys.modules["custom_nodes.logic_math"].LazySwitch.asked
    assert set(asked) == {"on_true"}
    asked.clear()
    other = changed(saved("logic"), less={"how": ">"})
    ran = bench.run(other)
    assert bench.texts_of(ran) == {"show": ["6"]} and ran.did_run == {"less", "switch", "show"}
    assert set(asked) == {"on_false"}


def test_a_lazy_input_that_nobody_asks_for_does_not_run(bench: PackBench) -> None:
    ran = bench.run(changed(saved("logic"), less={"how": ">"}))
    assert "wait" not in ran.did_run and ran.finished.status == "succeeded"


def test_optional_inputs_are_left_out_and_their_defaults_hold(bench: PackBench) -> None:
    ran = bench.run(saved("text"))
    assert bench.texts_of(ran) == {"show": ["<a blue cat in blue"], "lines": ["a red", "cat", "in red"]}
    assert bench.run(saved("text")).did_run == set()


def test_messages_to_the_interface_reach_who_listens(bench: PackBench) -> None:
    heard = []
    bench.packs.host.listeners.append(lambda *message: heard.append(message))
    bench.run(saved("text"))
    assert sorted(heard, key=str) == [
        ("text_pack.shown", {"node": "lines", "count": 3}, None),
        ("text_pack.shown", {"node": "show", "count": 1}, None),
    ]


def test_a_list_into_a_node_that_takes_one_item_calls_it_for_each(bench: PackBench) -> None:
    given = saved("text")
    given["links"].append({"from": ["split", "STRING"], "to": ["replace", "prefix"]})
    ran = bench.run(given)
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.texts_of(ran)["show"] == [
        "a reda blue cat in blue",
        "cata blue cat in blue",
        "in reda blue cat in blue",
    ]
    mapped = {step.id for step in planned(bench, given).steps if step.mapped}
    assert mapped == {"replace"}


def test_pictures_files_and_what_is_changed_in_place(bench: PackBench) -> None:
    for by_numpy in (False, True):
        given = changed(saved("image"), invert={"by_numpy": by_numpy})
        ran = bench.run(given)
        assert ran.finished.status == "succeeded", ran.finished.problems
        first = next(name for name in ran.names if name.startswith("pack/picture"))
        turned, plain = bench.picture(first), bench.picture("untouched_00001_.png")
        assert turned.shape == (16, 16, 3) and plain.shape == (8, 8, 3)
        assert plain[0, 0].tolist() == [0, 1, 2] and turned[0, 0].tolist()[0] > 250
    texts = bench.texts("untouched_00001_.png")
    assert json.loads(texts["prompt"])["load"] == {
        "class_type": "PackLoadImage", "inputs": {"image": "small.png"}, "_meta": {"title": "PackLoadImage"},
    }  # fmt: skip
    assert {node["type"] for node in json.loads(texts["workflow"])["nodes"]} >= {
        "PackResize",
        "PackSaveImage",
    }
    assert sorted(path.name for path in (bench.root / "output/pack").iterdir()) == [
        "picture_00001_.png",
        "picture_00002_.png",
    ]


def test_another_file_of_the_same_name_is_another_picture(bench: PackBench) -> None:
    bench.run(saved("image"))
    assert bench.run(saved("image")).did_run == set()
    path = bench.root / "input/small.png"
    path.write_bytes((bench.root / "output/pack/picture_00001_.png").read_bytes())
    assert "load" in bench.run(saved("image")).did_run


def test_a_missing_file_is_a_problem_in_the_packs_words(bench: PackBench) -> None:
    found = planned(bench, changed(saved("image"), load={"image": "gone.png"})).problems
    assert [(each.code, each.node, each.message) for each in found] == [
        ("input_refused", "load", "PackLoadImage.image: Invalid image file: gone.png")
    ]


def test_a_closed_gate_stops_what_is_behind_it(bench: PackBench) -> None:
    ran = bench.run(saved("flow"))
    assert ran.finished.status == "succeeded" and bench.texts_of(ran) == {"free": ["6"]}
    ran = bench.run(changed(saved("flow"), gate={"why": "nothing to see"}))
    assert (ran.failed.node, ran.failed.message) == (
        "more",
        "Pack Integer Math.a is blocked: nothing to see",
    )
    ran = bench.run(changed(saved("flow"), gate={"open": True}))
    assert bench.texts_of(ran) == {"shut": ["8"], "free": ["6"]}


def test_state_and_ids_of_nodes(bench: PackBench) -> None:
    nodes = {"one": ("PackCounter", {}), "two": ("PackCounter", {}), "sum": ("PackCompare", {"how": "=="})}
    links = ("one.STRING > sum.a", "two.STRING > sum.b")
    shown = {"a": ("PreviewAny", {}), "b": ("PreviewAny", {}), "c": ("PreviewAny", {})}
    more = ("one.INT > a.source", "two.INT > b.source", "sum.BOOLEAN > c.source")
    given = document(nodes | shown, *links, *more)
    assert bench.texts_of(bench.run(given)) == {"a": ["11"], "b": ["11"], "c": ["False"]}
    assert bench.texts_of(bench.run(given))["a"] == ["12"]


def test_a_node_is_told_of_the_program(bench: PackBench) -> None:
    nodes = {"p": ("PackProgram", {}), "join": ("PackJoin", {}), "show": ("PreviewAny", {})}
    given = document(nodes, "p.STRING > join.lines", "p.STRING_2 > join.lines", "join.STRING > show.source")
    assert bench.texts_of(bench.run(given)) == {"show": ["PackProgram, PackJoin PackProgram PreviewAny"]}


def test_a_pack_checks_its_inputs_before_anything_runs(bench: PackBench) -> None:
    calls = sys.modules["custom_nodes.logic_math"].Checked.calls
    nodes = {"n": ("Pack Integer Math", {}), "c": ("PackChecked", {"even": 3}), "s": ("PreviewAny", {})}

    def checked(output: str, even: int):
        given = document(nodes, f"n.{output} > c.other", "c.INT > s.source")
        return [each.message for each in planned(bench, changed(given, c={"even": even})).problems]

    assert checked("number", 4) == []
    assert checked("number", 3) == ["PackChecked.even: even: 3 is odd"]
    assert checked("number", 40) == []  # above its maximum, but the pack checks it itself
    assert checked("text", 4) == ["PackChecked.other: other is STRING, and must be a whole number"]
    assert calls[-1] == (4, {"other": "STRING"})


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"a": 1000}, "value_out_of_range"),
        ({"operation": "divide"}, "value_not_a_choice"),
        ({"a": "x"}, "wrong_value_type"),
    ],
)
def test_other_literals_are_held_to_what_the_pack_declares(bench: PackBench, inputs, code) -> None:
    given = document({"n": ("Pack Integer Math", inputs), "s": ("PreviewAny", {})}, "n.number > s.source")
    (problem,) = planned(bench, given).problems
    assert (problem.code, problem.node) == (code, "n")


def test_links_are_held_to_nothing_as_in_comfyui(bench: PackBench) -> None:
    nodes = {"big": ("Pack Integer Math", {"a": 100, "operation": "power", "b": 3})}
    nodes |= {"n": ("Pack Integer Math", {"operation": "add"}), "s": ("PreviewAny", {})}
    given = document(nodes, "big.number > n.a", "n.number > s.source")
    assert bench.texts_of(bench.run(given)) == {"s": ["1000002"]}


WRONG = """
class {name}:
    @classmethod
    def INPUT_TYPES(cls): return {{"required": {{}}}}
    RETURN_TYPES = ({types})
    FUNCTION = "go"
    def go(self): {body}
NODE_CLASS_MAPPINGS = {{"{name}": {name}}}
"""


@pytest.mark.parametrize(
    ("types", "body", "message"),
    [
        ('"INT",', "return 5", "it gives int where a tuple of 1 is expected"),
        ('"INT", "INT"', "return (5,)", "it gives tuple where a tuple of 2 is expected"),
        ('"IMAGE",', "return ([1],)", "it gives list where IMAGE is expected"),
        ('"INT",', "import torch; return 1 / 0,", "ZeroDivisionError: division by zero"),
        (
            '"INT",',
            "import comfy; return comfy.utils.nowhere(),",
            "ComfyUI's comfy.utils.nowhere is not there",
        ),
    ],
)
def test_what_goes_wrong_in_a_pack_is_a_problem_of_its_node(empty: PackBench, types, body, message) -> None:
    if "nowhere" in body:  # else the reader of sources finds it
        body = body.replace("comfy.utils.nowhere", "getattr(comfy.utils, 'nowhere')")
    empty.add("wrong.py", WRONG.format(name="Wrong", types=types, body=body))
    empty.load()
    given = document({"w": ("Wrong", {}), "s": ("PreviewAny", {})}, f"w.{types.split(chr(34))[1]} > s.source")
    failed = empty.run(given).failed
    assert failed.node == "w" and message in failed.message


def test_a_change_of_the_packs_code_runs_it_again(empty: PackBench) -> None:
    given = document({"w": ("Value", {}), "s": ("PreviewAny", {})}, "w.INT > s.source")
    for value in (1, 2):
        empty.add("value.py", WRONG.format(name="Value", types='"INT",', body=f"return ({value},)"))
        fresh = type(empty)(empty.root)
        fresh.cache = empty.cache
        fresh.executor.cache = empty.cache
        fresh.load()
        assert fresh.texts_of(fresh.run(given)) == {"s": [str(value)]}
        fresh.executor.close()


def test_memory_that_is_not_torchs_own_is_copied_at_once() -> None:
    import numpy as np

    pixels = np.zeros((2, 2), np.float32)
    for tensor in (torch.from_numpy(pixels), torch.zeros(2, 2)):
        made = own(tensor)
        made.add_(1)
        assert tensor.sum() == 0 and made.sum() == 4


def test_finished_steps_show_what_the_pack_has_saved(bench: PackBench) -> None:
    ran = bench.run(saved("image"))
    shown = {event.step: event.artifacts for event in ran.of(StepFinished) if event.artifacts}
    (artifact,) = shown["save"]
    assert (artifact.kind, artifact.folder, artifact.name) == ("image", "output", "pack/picture_00001_.png")


def test_types_that_are_equal_to_everything_take_anything(bench: PackBench) -> None:
    nodes = {"n": ("Pack Integer Math", {}), "odd": ("OddCompare", {"file": "y"}), "s": ("PreviewAny", {})}
    given = document(nodes, "n.number > odd.a", "n.text > odd.b", "odd.? > s.source")
    assert bench.texts_of(bench.run(given)) == {"s": ["6 6 y"]}
    declared = bench.registry.get("OddCompare")
    assert declared is not None
    assert [given.type_name for given in declared.inputs] == ["ANY", "ANY", "STRING"]
    assert [given.widget is not None for given in declared.inputs] == [False, False, True]


def test_choices_of_many_kinds_and_files_of_a_packs_own_kind(bench: PackBench) -> None:
    (bench.root / "models/odd").mkdir()
    (bench.root / "models/odd/one.safetensors").write_bytes(b"")
    fresh = type(bench)(bench.root)
    fresh.load()
    chosen = {"mixed": 2.5, "several": ["red", "blue"]}
    given = document({"o": ("OddFiles", chosen), "s": ("PreviewAny", {})}, "o.STRING > s.source")
    ran = fresh.run(given)
    assert fresh.texts_of(ran) == {"s": ["one.safetensors 2.5 ['red', 'blue'] '' 0 1.0"]}
    (problem,) = planned(fresh, changed(given, o={"several": ["pink"]})).problems
    assert (problem.code, problem.input) == ("value_not_a_choice", "several")
    with inside(fresh.packs.host):
        from compat.shims import folder_paths

        odd = str(bench.root / "models/odd")
        assert folder_paths.get_folder_paths("upscale_models")[-1] == odd
        assert folder_paths.folder_names_and_paths["odd_lists"] == ([odd], {".odd"})
        assert folder_paths.get_filename_list("upscale_models") == ["one.safetensors"]
        assert folder_paths.get_full_path("odd_models", "../../input/small.png") is None
        with pytest.raises(FileNotFoundError, match=r"no file 'two\.safetensors' in odd_models"):
            folder_paths.get_full_path_or_raise("odd_models", "two.safetensors")
        with pytest.raises(KeyError):
            folder_paths.get_folder_paths("even_models")
        with pytest.raises(ValueError, match="leads out"):
            folder_paths.get_save_image_path("../../out", folder_paths.get_output_directory())
    fresh.executor.close()


def test_pictures_can_be_sent_and_nodes_made_of_ours_by_a_star_import(bench: PackBench) -> None:
    nodes = {
        "load": ("PackLoadImage", {"image": "small.png"}),
        "twice": ("OddImage", {}),
        "send": ("OddSend", {}),
    }
    nodes |= {"save": ("PackSaveImage", {"filename_prefix": "twice"})}
    links = ("load.IMAGE > twice.image", "twice.IMAGE > send.image", "twice.IMAGE > save.images")
    ran = bench.run(document(nodes, *links))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert [data[:8] for data in ran.previews] == [b"\x89PNG\r\n\x1a\n"]
    again = bench.picture("twice_00001_.png").astype(int).flatten()
    assert abs(again - range(192)).max() <= 1  # the pack cuts where it should round


def test_a_graph_of_the_interface_with_nodes_of_packs_is_read(bench: PackBench) -> None:
    """Values by position: behind a seed is what happens to it, behind the required ones the upload button."""
    bench.add("drawn.py", DRAWN)
    fresh = type(bench)(bench.root)
    fresh.load()
    node = {"id": 4, "type": "Drawn", "pos": [0, 0], "size": [200, 100], "mode": 0, "flags": {}, "order": 0}
    values = ["small.png", 7, "randomize", 0.5, "image", "later"]
    graph = {"version": 0.4, "nodes": [{**node, "widgets_values": values}], "links": []}
    imported = read_value(graph, known_nodes(fresh.registry.types))
    assert imported is not None and imported.document is not None
    (made,) = imported.document["nodes"]
    assert made["inputs"] == {"image": "small.png", "seed": 7, "amount": 0.5, "note": "later"}
    exported = write_as("ui", imported.document, known_nodes(fresh.registry.types))
    assert exported["nodes"][0]["widgets_values"] == ["small.png", 7, "fixed", 0.5, "image", "later"]
    fresh.executor.close()


DRAWN = """
class Drawn:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "image": (["small.png"], {"image_upload": True}),
                "seed": ("INT", {"default": 0, "min": 0, "max": 2**63}),
                "amount": ("FLOAT", {"default": 1.0}),
            },
            "optional": {"note": ("STRING", {"default": ""}), "mask": ("MASK",)},
        }
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "draw"
    def draw(self, image, seed, amount, note="", mask=None): ...
NODE_CLASS_MAPPINGS = {"Drawn": Drawn}
"""


def test_links_into_inputs_that_a_script_would_add_arrive(bench: PackBench) -> None:
    nodes = {"n": ("Pack Integer Math", {}), "m": ("OddMany", {"count": 3}), "s": ("PreviewAny", {})}
    links = ("n.number > m.input_1", "n.text > m.input_2", "n.fraction > m.input_3", "m.STRING > s.source")
    assert bench.texts_of(bench.run(document(nodes, *links))) == {"s": ["6 6 6.0"]}
    more = changed(document(nodes, *links), n={"a": 4})
    assert bench.texts_of(bench.run(more)) == {"s": ["8 8 8.0"]}
    problems = planned(bench, document(nodes, *links, "n.number > s.elsewhere")).problems
    assert [each.code for each in problems] == ["dangling_link"]
