"""The example pack and every block of the README, loaded and run as a user's."""

import re
import shutil

import numpy as np
import PIL.Image
import pytest
import torch

from graph.plan import plan
from graph.workflow import read_document
from tests.nodes.bench import ROOT, changed, template
from tests.nodes.test_nodes import through
from tools.trial.run import try_pack

README = (ROOT / "custom_nodes/README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def pack(bench):
    """The bench with the example and the README's first node in its folder of packs."""
    folder = bench.root / "custom_nodes"
    folder.mkdir()
    shutil.copy(ROOT / "custom_nodes/example_film_grain.py", folder)
    (folder / "film_grain.py").write_text(BLOCKS[0])
    bench.registry.load_folder(folder)
    assert not bench.registry.problems
    return bench


@pytest.mark.parametrize("name", ["ExampleFilmGrain", "FilmGrain"])
def test_grain_is_seeded(pack, name):
    def grain(**inputs):
        return pack.picture(pack.run(through(name, inputs)).names[0]).astype(int)

    plain, some, other = grain(amount=0.0), grain(amount=0.2, seed=1), grain(amount=0.2, seed=2)
    assert np.abs(some - plain).max() > 30 and not np.array_equal(some, other)
    assert np.array_equal(some, grain(amount=0.2, seed=1))


@pytest.fixture
def readme(bench):
    """The bench with every block of the README as a pack of its own."""
    folder = bench.root / "custom_nodes"
    folder.mkdir()
    for number, block in enumerate(BLOCKS):
        (folder / f"block_{number}.py").write_text(block)
    bench.registry.load_folder(folder)
    assert not bench.registry.problems
    return bench


def test_every_block_of_the_readme_is_a_pack_that_keeps_the_rules(readme, tmp_path):
    assert len(BLOCKS) >= 6
    for path, pack in readme.registry.packs.items():
        root = tmp_path / f"trial of {path.stem}"
        root.mkdir()
        verdicts = try_pack(pack.contents.types, readme.registry.types, readme.folders, root)
        assert verdicts
        assert [
            (each.id, each.failures, each.untried) for each in verdicts if not each.passed or each.untried
        ] == []


def test_the_readmes_patch_changes_what_is_drawn_and_not_the_model(readme):
    plain = changed(
        template("text_to_image"),
        size={"width": 64, "height": 64},
        sampler={"steps": 2, "sampler_name": "euler"},
    )
    patch = {"id": "patch", "type": "QuietSkips", "inputs": {}}
    direct = {"from": ["loader", "MODEL"], "to": ["sampler", "model"]}
    through_it = [
        {**direct, "to": ["patch", "model"]},
        {"from": ["patch", "MODEL"], "to": ["sampler", "model"]},
    ]
    links = [link for link in plain["links"] if link != direct] + through_it
    patched = {**plain, "nodes": [*plain["nodes"], patch], "links": links}

    def drawn(document):
        return readme.picture(readme.run(document).names[0])

    first = drawn(plain)
    assert np.array_equal(first, drawn(changed(patched, patch={"amount": 1.0})))
    assert not np.array_equal(first, drawn(changed(patched, patch={"amount": 0.2})))
    other = changed(plain, sampler={"seed": 2})
    after_the_patch = drawn(other)
    readme.cache.clear()  # the model is loaded anew
    assert np.array_equal(after_the_patch, drawn(other))


def test_first_node_is_ten_lines():
    assert len([line for line in BLOCKS[0].splitlines() if line]) <= 10


def test_signature_declares_everything(pack):
    declared = pack.registry.types["FilmGrain"].to_json(None)
    assert (declared["title"], declared["help"]) == ("Film Grain", "Add seeded monochrome grain.")
    assert [given["name"] for given in declared["inputs"]] == ["image", "amount", "seed"]
    assert declared["inputs"][1]["widget"] == {
        "kind": "float", "default": 0.1, "min": 0, "max": 1, "step": 0.01, "slider": False,
    }  # fmt: skip


def test_example_does_not_change_its_input():
    import importlib.util

    spec = importlib.util.spec_from_file_location("example", ROOT / "custom_nodes/example_film_grain.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    image = torch.rand(1, 8, 8, 3)
    made = module.example_film_grain(image, 0.5, 3)
    assert image._version == 0 and made.shape == image.shape and made.min() >= 0 and made.max() <= 1


def test_readme_names_what_the_api_offers():
    import graph

    said = set(re.findall(r"\b\w+\b", README))
    assert set(graph.__all__) - said <= {"ANY", "Cancelled", "conversion"}


def test_the_readmes_node_says_what_is_known_of_its_output(bench):
    folder = bench.root / "custom_nodes"
    folder.mkdir()
    (folder / "halves.py").write_text(next(block for block in BLOCKS if "infer=" in block))
    bench.registry.load_folder(folder)
    document = through("LeftHalf", {})
    workflow, _ = read_document(document)
    found = plan(workflow, bench.registry, folders=bench.folders)
    name = next(each["id"] for each in document["nodes"] if each["type"] == "LeftHalf")
    assert found.facts[name] == {"IMAGE": {"width": 64, "height": 128, "batch": 1, "channels": 3}}
    assert bench.picture(bench.run(document).names[0]).shape == (128, 64, 3)
    PIL.Image.new("RGB", (1, 8)).save(bench.root / "input/example.png")
    (problem,) = plan(workflow, bench.registry, folders=bench.folders).problems
    assert (problem.code, problem.node, problem.input) == ("too_narrow", name, "image")
