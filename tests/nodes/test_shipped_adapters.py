"""What ships beside the embedded model does what it says, in the templates that show it."""

import shutil

import numpy as np
import pytest

from tests.nodes.bench import ROOT, Bench, changed, template

pytestmark = pytest.mark.skipif(
    not (ROOT / "models/checkpoints/tessera-emoji-v1.safetensors").exists(),
    reason="the embedded checkpoint is not there",
)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """The engine with what the repository brings."""
    root = tmp_path_factory.mktemp("embedded")
    for folder in ("models", "input"):
        shutil.copytree(ROOT / folder, root / folder)
    bench = Bench(root)
    yield bench
    bench.executor.close()


def drawn(bench, document):
    """The first picture that a run saves, 0..255."""
    ran = bench.run(changed(document, sampler={"steps": 10}))
    assert ran.finished.status == "succeeded", ran.finished.problems
    return bench.picture(ran.names[0]).astype(float)


def corners(picture):
    """The mean colour of the background."""
    return np.mean([picture[:12, :12], picture[:12, -12:]], axis=(0, 1, 2))


def test_the_word_is_a_background_that_the_model_has_no_word_for(embedded):
    document = template("textual_inversion")
    red, green, _ = corners(drawn(embedded, document))
    assert green - red > 40
    red, green, _ = corners(drawn(embedded, changed(document, prompt={"text": "a cat, mint background"})))
    assert green - red < 10


def test_the_lora_cuts_out_stickers_as_strongly_as_it_is_set(embedded):
    """Its border is white; neither a hamburger nor teal is."""
    document = changed(template("prompt_loras"), sampler={"seed": 1})

    def white(strength):
        tag = f"a hamburger, teal background <lora:tessera-sticker:{strength}>"
        return float((drawn(embedded, changed(document, written={"value": tag})).min(-1) > 200).mean())

    without, half, whole = white(0), white(0.6), white(1.2)
    assert without < 0.02 < 0.05 < whole
    assert without <= half < whole


def test_the_template_of_a_lora_compares_its_strengths(embedded):
    ran = embedded.run(changed(template("lora_strength"), sampler={"steps": 4}))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert len([step for step in ran.did_run if step.startswith("sampler[")]) == 9
    (grid,) = (each for each in ran.names if each.startswith("lora_strength"))
    assert embedded.picture(grid).shape[0] > 3 * 128


def test_the_hypernetwork_takes_colours_out(embedded):
    def colour(strength):
        picture = drawn(embedded, changed(template("hypernetwork"), hyper={"strength": strength}))
        return float((picture.max(-1) - picture.min(-1)).mean())

    without, half, whole = colour(0), colour(0.5), colour(1)
    assert whole < half < without
    assert whole < 0.4 * without


def test_the_sketch_says_where_a_thing_stands_and_how_large_it_is(embedded):
    """The apple is red: where it is, there is much more red than blue."""

    def red(strength):
        picture = drawn(embedded, changed(template("follow_a_sketch"), guide={"strength": strength}))
        rows, columns = np.nonzero(picture[..., 0] - picture[..., 2] > 60)
        return rows.mean(), columns.mean(), len(rows)

    _, column, size = red(0)
    assert column == pytest.approx(64, abs=6)
    row, column, sketched_size = red(1.3)
    assert (row, column) == (pytest.approx(85, abs=8), pytest.approx(37, abs=8))
    assert sketched_size < 0.5 * size
