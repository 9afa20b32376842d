"""Lists: nodes that make and read them, and nodes that are called for each of their items."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Picture

from diffusion.batches import rebatch_images, rebatch_latents
from diffusion.values import Latent
from graph import NodeError
from graph.plan import plan
from graph.workflow import read_document
from nodes import lists
from service.terminal import print_plan
from tests.graph.sample import document, subgraph
from tests.nodes.bench import ROOT, Bench, changed, template

EMBEDDED = ROOT / "models/checkpoints/tessera-emoji-v1.safetensors"


def test_items_slices_and_lengths() -> None:
    letters = list("abcde")
    assert [lists.list_item(letters, index) for index in (0, 4, -1, -5)] == ["a", "e", "e", "a"]
    assert lists.list_slice(letters, 1, 2) == ["b", "c"]
    assert lists.list_slice(letters, -2) == ["d", "e"]
    assert lists.list_slice(letters, -9, 2) == ["a", "b"]
    assert lists.list_slice(letters, 7) == []
    assert lists.list_length(lists.list_make(letters)) == 5
    assert lists.list_of_numbers(5, 3, -2) == [5, 3, 1]


@pytest.mark.parametrize("index", [3, -4])
def test_an_item_that_is_not_there_is_told(index: int) -> None:
    with pytest.raises(NodeError, match=f"there is no item {index} in a list of 3") as told:
        lists.list_item([1, 2, 3], index)
    assert (told.value.input, told.value.remedy) == ("index", "Choose 0 to 2, or -1 for the last.")


def test_cross_makes_all_pairs_the_second_fastest() -> None:
    assert lists.list_cross([1, 2], ["x", "y", "z"]) == ([1, 1, 1, 2, 2, 2], ["x", "y", "z"] * 2)
    assert lists.list_cross([], ["x"]) == ([], [])
    with pytest.raises(NodeError, match="101 x 100 are 10,100 pairs, more than 10,000"):
        lists.list_cross([0] * 101, [0] * 100)


def test_texts_and_lines() -> None:
    assert lists.text_to_lines("  one\n\r\n two \n") == ["one", "two"]
    assert lists.text_to_lines("one\n\ntwo", keep_empty=True) == ["one", "", "two"]
    assert lists.lines_to_text(["one", "two"], " / ") == "one / two"


def test_pictures_are_rebatched_and_another_size_begins_a_batch() -> None:
    wide, small = torch.rand(3, 4, 6, 3), torch.rand(2, 4, 4, 3)
    made = rebatch_images([wide, wide[:1], small, wide[:1]], 3)
    assert [tuple(each.shape) for each in made] == [(3, 4, 6, 3), (1, 4, 6, 3), (2, 4, 4, 3), (1, 4, 6, 3)]
    assert torch.equal(torch.cat(made[:2]), torch.cat([wide, wide[:1]]))
    assert lists.image_list_to_image_batch([wide, small]).shape == (5, 4, 6, 3)
    with pytest.raises(NodeError, match="no picture in the list"):
        lists.image_list_to_image_batch([])


def test_latents_keep_their_noise_and_their_masks() -> None:
    four = Latent(torch.rand(4, 4, 2, 2))
    masked = Latent(torch.rand(1, 4, 2, 2), torch.zeros(1, 16, 16), (9,))
    first, second, third = rebatch_latents([four, masked, four], 4)
    assert (first.batch_index, first.noise_mask) == ((0, 1, 2, 3), None)
    assert torch.equal(first.samples, four.samples)
    assert second.batch_index == (9, 5, 6, 7) and third.batch_index == (8,)
    assert second.noise_mask is not None
    assert second.noise_mask.mean(dim=(1, 2)).tolist() == [0, 1, 1, 1]
    single = rebatch_latents([four], 1)
    assert [each.batch_index for each in single] == [(0,), (1,), (2,), (3,)]


def test_facts_of_lists_are_those_that_all_items_share(bench: Bench) -> None:
    nodes: dict[str, tuple[str, dict[str, object]]] = {
        "wide": ("EmptyImage", {"width": 64, "height": 32, "batch_size": 2}),
        "tall": ("EmptyImage", {"width": 64, "height": 96, "batch_size": 2}),
        "list": ("ListMake", {}),
        "each": ("RebatchImages", {"batch_size": 1}),
        "half": ("ImageScaleBy", {"scale_by": 0.5}),
        "one": ("ListItem", {"index": 1}),
        "show": ("PreviewImage", {}),
    }
    links = ["wide.IMAGE > list.items", "tall.IMAGE > list.items", "list.list > each.images"]
    links += ["each.IMAGE > half.image", "half.IMAGE > one.items", "one.item > show.images"]
    workflow, _ = read_document(document(nodes, *links))
    assert workflow is not None
    planned = plan(workflow, bench.registry, folders=bench.folders)
    facts = {name: dict(*said.values()) for name, said in planned.facts.items()}
    assert facts["list"] == {"width": 64, "batch": 2, "channels": 3}
    assert facts["each"] == {"width": 64, "batch": 1, "channels": 3}
    assert facts["one"]["batch"] == 1 and "height" not in facts["one"]
    assert {step.id for step in planned.steps if step.mapped} == {"half"}
    ran = bench.run(document(nodes, *links))
    assert bench.picture(ran.names[0], "temp").shape == (16, 32, 3)


def test_a_plan_says_what_is_called_for_each_item(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    given = document({"n": ("ListOfNumbers", {}), "p": ("EmptyImage", {})}, "n.list > p.color")
    workflow, _ = read_document(given)
    assert workflow is not None
    planned = plan(
        workflow, bench.registry, targets=["p"], folders=bench.folders, cache=bench.cache
    ).to_json()
    print_plan(planned["steps"], {})  # type: ignore[arg-type]
    assert capsys.readouterr().out.splitlines()[:2] == [
        "> n  ListOfNumbers  will_run  not run before",
        "> p  EmptyImage     will_run  for each item: not run before",
    ]


def test_every_picture_of_a_list_is_saved(bench: Bench) -> None:
    nodes: dict[str, tuple[str, dict[str, object]]] = {
        "colours": ("ListOfNumbers", {"start": 0, "count": 3, "step": 100}),
        "image": ("EmptyImage", {"width": 16, "height": 16}),
        "save": ("SaveImage", {"filename_prefix": "colour"}),
    }
    ran = bench.run(document(nodes, "colours.list > image.color", "image.IMAGE > save.images"))
    assert ran.names == [f"colour_0000{number}_.png" for number in (1, 2, 3)]
    assert [bench.picture(name)[0, 0, 2] for name in ran.names] == [0, 100, 200]
    assert ran.did_run == {"colours", "image", "save"}


def test_a_folder_goes_in_and_a_folder_comes_out(bench: Bench) -> None:
    folder = bench.root / "input/set"
    (folder / "below").mkdir(parents=True)
    for name, size in (("b.png", (6, 4)), ("a.PNG", (3, 5)), ("c.png", (2, 2)), ("below/d.png", (9, 9))):
        Picture.new("RGB", size, (200, 100, 0)).save(folder / name)
    (folder / "notes.txt").write_text("no picture")
    nodes: dict[str, tuple[str, dict[str, object]]] = {
        "load": ("LoadImagesFromFolder", {"folder": "set"}),
        "invert": ("ImageInvert", {}),
        "save": ("SaveImage", {}),
    }
    links = ("load.IMAGE > invert.image", "invert.IMAGE > save.images", "load.name > save.filename_prefix")
    given = document(nodes, *links)
    ran = bench.run(given)
    assert ran.names == ["a_00001_.png", "b_00001_.png", "c_00001_.png"]
    assert [bench.picture(name).shape for name in ran.names] == [(5, 3, 3), (4, 6, 3), (2, 2, 3)]
    assert bench.picture("b_00001_.png")[0, 0].tolist() == [55, 155, 255]
    assert bench.run(given).did_run == set()
    (folder / "c.png").unlink()
    assert bench.run(given).names == ["a_00002_.png", "b_00002_.png"]
    part = changed(given, load={"start": 1, "count": 1})
    assert bench.run(part).names == ["b_00003_.png"]


@pytest.mark.parametrize(
    ("folder", "code"), [("nowhere", "file_not_found"), ("../output", "path_refused"), ("/", "path_refused")]
)
def test_a_folder_that_is_not_there_is_told_before_it_runs(bench: Bench, folder: str, code: str) -> None:
    given = document({"load": ("LoadImagesFromFolder", {"folder": folder})})
    workflow, _ = read_document(given)
    assert workflow is not None
    (problem,) = plan(workflow, bench.registry, targets=["load"], folders=bench.folders).problems
    assert (problem.code, problem.node, problem.input) == (code, "load", "folder")


def test_a_damaged_picture_of_a_folder_is_told(bench: Bench) -> None:
    (bench.root / "input/broken.png").write_bytes(b"no picture")
    ran = bench.run(
        document(
            {"load": ("LoadImagesFromFolder", {}), "show": ("PreviewImage", {})}, "load.IMAGE > show.images"
        )
    )
    assert (ran.failed.node, ran.failed.input) == ("load", "folder")
    assert "broken.png" in ran.failed.message


THROUGH = subgraph(
    "through", "image:IMAGE+each name:STRING+each", "",
    {"invert": ("ImageInvert", {}), "save": ("SaveImage", {})},
    "@in.image > invert.image", "invert.IMAGE > save.images", "@in.name > save.filename_prefix", kind="map",
)  # fmt: skip


def test_a_long_folder_goes_through_a_map_picture_by_picture(bench: Bench) -> None:
    folder = bench.root / "input/many"
    folder.mkdir(parents=True)
    for place in range(40):
        Picture.new("RGB", (4, 4), (place, 0, 0)).save(folder / f"p{place:02}.png")
    nodes = {"load": ("LoadImagesFromFolder", {"folder": "many"}), "map": ("@through", {})}
    given = document(nodes, "load.IMAGE > map.image", "load.name > map.name")
    given["subgraphs"] = [THROUGH]
    ran = bench.run(given)
    assert ran.names == [f"p{place:02}_00001_.png" for place in range(40)]
    assert [bench.picture(name)[0, 0, 0] for name in ran.names] == [255 - place for place in range(40)]
    Picture.new("RGB", (4, 4), (99, 0, 0)).save(folder / "p07.png")
    ran = bench.run(given)
    assert {step for step in ran.did_run if "/" in step} == {"map/invert[map=7]", "map/save[map=7]"}
    assert bench.picture("p07_00002_.png")[0, 0, 0] == 255 - 99
    (folder / "p08.png").write_bytes(b"no picture")
    ran = bench.run(given)
    (problem,) = ran.finished.problems
    assert problem.node == "map"
    assert "p08.png" in problem.message


@pytest.mark.skipif(not EMBEDDED.exists(), reason="the embedded checkpoint is not there")
def test_a_picture_for_every_line_is_the_picture_of_its_prompt(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "models", tmp_path / "models")
    bench = Bench(tmp_path)
    quick: dict[str, Any] = {"sampler": {"steps": 2}, "places": {"text": "blue background"}}
    lines = changed(template("prompts_from_lines"), **quick, subjects={"text": "a red apple\na panda"})
    every = bench.run(lines)
    assert every.finished.status == "succeeded", every.finished.problems
    assert [each for each in every.progress if each[0] == "sampler"][-1] == ("sampler", 2, 2)
    for node in lines["nodes"]:
        if node["id"] == "save":
            node["type"] = "PreviewImage"
    lines["links"] = [link for link in lines["links"] if link["from"][0] != "grid"]
    lines["links"].append({"from": ["decode", "IMAGE"], "to": ["save", "images"]})
    pictures = [bench.picture(name, "temp") for name in bench.run(lines).names]
    panda = changed(lines, subjects={"text": "a panda"})
    (alone,) = [bench.picture(name, "temp") for name in bench.run(panda).names]
    bench.executor.close()
    assert len(pictures) == 2 and not np.array_equal(*pictures)
    assert np.array_equal(pictures[1], alone)
