"""Runs in little memory go on in smaller steps, or say what would help; cancelled ones stop soon."""

import threading

import pytest

from diffusion import copies
from diffusion.copies import under
from diffusion.memory import compute_dtype
from diffusion.residency import memory_at
from diffusion.tiles import DECODING
from graph.events import StepStarted, StepWarned
from tests.diffusion.residents import CPU
from tests.nodes.bench import changed, template
from tests.nodes.test_adapters import with_lora
from tests.nodes.tiny import VAE

SIDE, TILE = 256, 128
DOCUMENT = changed(
    template("text_to_image"), sampler={"steps": 2}, size={"width": SIDE, "height": SIDE, "batch_size": 2}
)


@pytest.fixture
def memory(monkeypatch):
    """What the processor has for computing; each test sets its own budget."""
    memory = memory_at(CPU)
    monkeypatch.setattr(memory, "budget", memory.budget)
    monkeypatch.setattr(memory, "peak", 0)
    return memory


def test_pictures_that_do_not_fit_are_decoded_in_tiles(bench, memory):
    plain = bench.run(DOCUMENT)
    assert [step for step, *_ in plain.progress] == ["sampler", "sampler"] and not plain.of(StepWarned)
    memory.budget = int(DECODING * TILE**2 * VAE.widths[1] * compute_dtype(CPU).itemsize)
    memory.peak = 0
    ran = bench.run(changed(DOCUMENT, sampler={"seed": 2}))
    tiles = 2 * 3 * 3
    assert ran.progress[-1] == ("decode", tiles, tiles)
    (warning,) = ran.of(StepWarned)
    assert (warning.step, warning.problem.code) == ("decode", "done_in_tiles")
    assert "in 18 parts" in warning.problem.message and "--memory" in warning.problem.remedy
    assert 0 < memory.peak <= memory.budget
    assert [bench.picture(name).shape for name in ran.names] == [(SIDE, SIDE, 3)] * 2


def test_a_picture_that_fits_in_no_way_is_a_problem_with_a_remedy(bench, memory):
    memory.budget = 2**16
    problem = bench.run(DOCUMENT).failed
    assert (problem.code, problem.node) == ("out_of_memory", "sampler")
    assert "no memory for a step of 256 x 256 pixels: about 1 MB needed" in problem.message
    assert "Lower the size of the picture" in problem.remedy


def test_a_strength_that_comes_again_is_neither_loaded_nor_merged_again(bench, monkeypatch):
    merges = []

    def counted(*arguments):
        merges.append(arguments)
        return under(*arguments)

    monkeypatch.setattr(copies, "under", counted)
    counts, loaded = [], []
    for seed, strength in enumerate((1.0, 0.5, 1.0, 0.5)):
        document = changed(with_lora(bench), lora={"strength_model": strength}, sampler={"seed": seed})
        ran = bench.run(document)
        assert "sampler" in ran.did_run
        counts.append(len(merges))
        loaded.append("loader" in ran.did_run)
    assert counts == [1, 2, 2, 2]
    assert loaded == [True, False, False, False]


@pytest.mark.parametrize("node", ["loader", "sampler", "decode"])
def test_cancelling_stops_a_node_that_has_begun(bench, node):
    cancel = threading.Event()

    def on_event(event):
        if isinstance(event, StepStarted) and event.step == node:
            cancel.set()

    ran = bench.run(DOCUMENT, cancel=cancel, on_event=on_event)
    assert ran.finished.status == "cancelled"
    assert node not in ran.did_run
