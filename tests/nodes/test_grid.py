"""ImageGrid gathers what a sweep makes, and labels it by what was swept."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from graph import Axes, Axis, NodeError
from nodes.grid import arranged, image_grid, label_of, with_batches, with_gaps
from tests.diffusion.checkpoint import small
from tests.nodes.bench import ROOT, changed, template

CFG, SEED = Axis("cfg", (4, 6.5)), Axis("seed", (1, 2, 3))
MODEL = Axis("model", ("sd15.safetensors", "sd21.safetensors"))
EMBEDDED = ROOT / "models/checkpoints/tessera-emoji-v1.safetensors"


def first_table(axes, count, columns="", rows="", captions=()):
    return arranged(axes, count, columns, rows, captions)[0].tables[0]


@pytest.mark.parametrize(
    ("axis", "value", "label"),
    [
        ("cfg", 4, "cfg 4"),
        ("cfg", 7.50, "cfg 7.5"),
        ("sampler.cfg", 1e-7, "cfg 1e-07"),
        ("add_noise", True, "add noise on"),
        ("model", "sd/v1-5-pruned.safetensors", "v1-5-pruned"),
        ("prompt", "an apple. A pear", "an apple. A pear"),
        ("negative", "", "no negative"),
        ("", "SD 2", "SD 2"),
        ("steps", None, "steps as preset"),
    ],
)
def test_labels_say_values_as_readers_want_them(axis, value, label):
    assert label_of(Axis(axis, (value,)), value) == label


def test_the_last_axis_goes_across_unless_another_is_named():
    axes = Axes((CFG, SEED))
    assert first_table(axes, 6).columns == ("seed 1", "seed 2", "seed 3")
    for named in ({"columns": " CFG "}, {"rows": "seed"}):
        table = first_table(axes, 6, **named)
        assert (table.columns, table.rows[0], table.numbers[0]) == (("cfg 4", "cfg 6.5"), "seed 1", (0, 3))
    three = Axes((MODEL, CFG, SEED))
    table = first_table(three, 12, columns="model", rows="seed")
    assert (table.title, table.columns, len(table.rows)) == ("cfg 4", ("sd15", "sd21"), 3)


def test_one_axis_may_go_down_or_be_broken_into_rows():
    table = first_table(Axes((SEED,)), 3, rows="seed")
    assert (table.rows, table.numbers) == (("seed 1", "seed 2", "seed 3"), ((0,), (1,), (2,)))
    table = first_table(Axes((SEED,)), 3, columns="2")
    assert (table.captions, table.numbers) == (("seed 1", "seed 2", "seed 3"), ((0, 1), (2,)))
    long = Axes((Axis("seed", tuple(range(10))),))
    assert len(first_table(long, 10).numbers) == 3


def test_batches_are_the_innermost_axis():
    axes = with_batches(Axes((CFG,)), [3, 3])
    assert [(axis.name, axis.values) for axis in axes] == [("cfg", (4, 6.5)), ("picture", (1, 2, 3))]
    assert with_batches(Axes((CFG,)), [1, 1]) == Axes((CFG,))
    with pytest.raises(NodeError, match=r"5 pictures in batches of 2, 3 do not fill the axes"):
        with_batches(Axes((CFG,)), [2, 3])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"columns": "steps"}, "there is no axis 'steps'"),
        ({"rows": "2"}, "there is no axis '2'"),
        ({"columns": "2"}, "there are 2 axes, which 2 columns cannot hold"),
        ({"rows": "cfg", "columns": "cfg"}, "rows and columns both name the axis 'cfg'"),
    ],
)
def test_axes_that_are_not_there_are_named(given, message):
    with pytest.raises(NodeError) as raised:
        first_table(Axes((CFG, SEED)), 6, **given)
    assert str(raised.value) == message
    assert raised.value.remedy and raised.value.input in given


def test_pictures_linked_by_hand_are_captioned_by_lines():
    pictures = [torch.full((1, 40, 40, 3), shade) for shade in (0.2, 0.4, 0.6)]
    bare = image_grid(pictures, Axes())
    captioned = image_grid(pictures, Axes(), labels="one\ntwo\nthree", columns="3")
    assert bare.shape[2] == captioned.shape[2] - 45  # two columns, and three: 40 and a gap of 5
    assert (captioned[0, 60:] < 0.5).any()


def test_a_title_stands_over_pictures_with_labels_of_their_own(bench):
    """The maps of words, whose labels come by a link, under the prompt as title."""
    document = changed(
        template("attention_maps"), sampler={"steps": 1}, maps={"levels": 1}, grid={"title": ""}
    )
    bare, titled = (
        bench.picture(bench.run(changed(document, grid={"title": title})).names[0])
        for title in ("", "Which word looks where")
    )
    higher = titled.shape[0] - bare.shape[0]
    assert higher > 20 and titled.shape[1] == bare.shape[1]
    assert (titled[:higher] < 128).any(), "it is written"
    assert np.array_equal(titled[higher + 30 :], bare[30:]), "and nothing else changes"


def test_what_was_skipped_leaves_its_cell_empty():
    """Each picture is as dark as its number; the cell of the second is that of no picture."""
    axes, whole = Axes((Axis("seed", (1, 2, 3)),)), [torch.full((1, 8, 8, 3), each / 4) for each in range(3)]
    drawn = image_grid(whole, axes, text_size=8)
    gap = image_grid([whole[0], whole[2]], replace(axes, gaps=(1,)), text_size=8)
    assert gap.shape == drawn.shape
    (rows, columns) = torch.where((drawn != gap)[0].any(-1))
    assert (len(rows), len(set(rows.tolist())), len(set(columns.tolist()))) == (64, 8, 8)
    assert torch.equal(gap[0, rows, columns].unique(), torch.tensor([0xF1, 0xF3]) / 255)


def test_batches_with_gaps_are_still_an_axis():
    axes = Axes((Axis("seed", (1, 2, 3)),), gaps=(0,))
    assert len(with_batches(axes, [2, 2]).axes) == 2
    assert [each is None for each in with_gaps(axes, [torch.ones(2, 8, 8, 3)] * 2)] == [
        True,
        True,
        *[False] * 4,
    ]


def test_no_picture_is_no_grid():
    with pytest.raises(NodeError, match="there is no picture to show"):
        image_grid([], Axes())


def steps(ran, node):
    return sorted(
        event.step
        for event in ran.events
        if getattr(event, "seconds", None) is not None
        and getattr(event, "instance", None)
        and event.instance.node == node
    )


def test_cfg_and_seed_make_nine_pictures_of_one_loader_and_another_value_three_more(bench):
    document = template("compare_cfg_and_seed")
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert (len(steps(ran, "loader")), len(steps(ran, "prompt")), len(steps(ran, "sampler"))) == (1, 1, 9)
    (name,) = ran.names
    texts = bench.texts(name)
    assert json.loads(texts["tessera"]) == document and "prompt" not in texts  # which ComfyUI could not read
    more = bench.run(changed(document, sampler={"cfg": {"sweep": [1.5, 3.0, 6.0, 9.0], "axis": "cfg"}}))
    assert [each.rpartition("[")[2] for each in steps(more, "sampler")] == [
        f"seed={k},cfg=9.0]" for k in (1, 2, 3)
    ]
    assert bench.picture(more.names[0]).shape[0] == bench.picture(name).shape[0] + 128 + 5


def test_a_grid_holds_the_very_pictures_of_single_runs(bench):
    document = template("compare_cfg_and_seed")
    grid = bench.picture(bench.run(document).names[0])
    alone = changed(document, sampler={"cfg": 3.0, "seed": 2})
    alone["nodes"] = [each for each in alone["nodes"] if each["id"] != "grid"]
    alone["links"] = [link for link in alone["links"] if "grid" not in (link["from"][0], link["to"][0])]
    alone["links"].append({"from": ["decode", "IMAGE"], "to": ["save", "images"]})
    ran = bench.run(alone)
    assert ran.did_run == {"save"}
    single = bench.picture(ran.names[0])
    windows = np.lib.stride_tricks.sliding_window_view(grid[:, :, 0], (128, 128))
    assert (windows[:, :, 0, :8] == single[0, :8, 0]).all(-1).any()
    found = [(y, x) for y, x in np.argwhere((windows[:, :, 0, :8] == single[0, :8, 0]).all(-1))]
    assert any(np.array_equal(grid[y : y + 128, x : x + 128], single) for y, x in found)


def test_pictures_behind_a_sweep_carry_their_own_workflow(bench):
    document = template("compare_cfg_and_seed")
    document["links"][-2:] = [{"from": ["decode", "IMAGE"], "to": ["save", "images"]}]
    ran = bench.run(changed(document, sampler={"seed": 2, "steps": 2}))
    carried = [json.loads(bench.texts(name)["tessera"])["nodes"][4]["inputs"]["cfg"] for name in ran.names]
    assert sorted(carried) == [1.5, 3.0, 6.0]
    assert json.loads(bench.texts(ran.names[0])["prompt"])["sampler"]["inputs"]["cfg"] == carried[0]


def test_sd1_and_sd2_are_compared_one_after_the_other(bench, checkpoint):
    folder = bench.root / "models/checkpoints"
    shutil.copy(checkpoint, folder / "v1-5-pruned-emaonly.safetensors")
    sd2 = small.sd2_checkpoint()
    words = torch.randn(49408, 64, generator=torch.Generator().manual_seed(0))
    save_file(
        sd2 | {"cond_stage_model.model.token_embedding.weight": words},
        folder / "v2-1_768-ema-pruned.safetensors",
    )
    document = changed(
        template("sd1_vs_sd2"),
        sampler={"steps": 2},
        size={side: {"sweep": [64, 96], "axis": "model"} for side in ("width", "height")},
        grid={"picture_size": 96},
    )
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    order = [
        dict(event.instance.coordinate).get("model", "")
        for event in ran.events
        if getattr(event, "seconds", None)
        and getattr(event, "instance", None)
        and event.instance.node in ("loader", "sampler")
    ]
    assert [name[:2] for name in order] == ["v1"] * 7 + ["v2"] * 7
    picture = bench.picture(ran.names[0])
    assert picture.shape[0] > 4 * 96 and picture.shape[1] > 3 * 96  # two tables of two prompts and three cfgs


@pytest.mark.skipif(not EMBEDDED.exists(), reason="the embedded checkpoint is not there")
def test_the_embedded_model_is_compared(bench):
    path = bench.root / "models/checkpoints/tessera-emoji-v1.safetensors"
    path.unlink()
    shutil.copy(EMBEDDED, path)
    two = {"sweep": [1, 2], "axis": "seed"}
    ran = bench.run(
        changed(
            template("compare_cfg_and_seed"), sampler={"seed": two, "steps": 3, "cfg": 3.0}, grid={"rows": ""}
        )
    )
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert bench.picture(ran.names[0]).std() > 10
