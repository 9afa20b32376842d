"""A network is brought to where the thread computes; a place that holds it is found again."""

import threading

import pytest
import torch

from diffusion.memory import Placement, default_device, device_of, networks_of, placed, placement_of
from diffusion.places import Place, best_of, computing_at, here, places_named
from diffusion.residency import Memory, memory_at, memory_of, resident
from tests.diffusion.residents import CPU, elsewhere, lora, network
from tests.diffusion.residents import memory_of as some_memory

INPUT = torch.ones(1, 16)


def place(name: str, room: float = 3) -> Place:
    return Place(name, CPU, some_memory(room))


def away(seed: int = 0) -> torch.nn.Module:
    """A network that has to be brought to a device, whichever."""
    return placed(network(seed), Placement(CPU, torch.float32))


def test_each_place_has_copies_of_its_own() -> None:
    one, other, made = place("one"), place("other"), away()
    answers = []
    for each in (one, other, one):
        with computing_at(each), resident(made) as ready:
            assert ready is not made
            answers.append(ready(INPUT))
    assert torch.equal(answers[0], answers[1]) and torch.equal(answers[0], answers[2])
    assert (one.memory.holds(made), other.memory.holds(made)) == (True, True)
    assert one.memory.used == other.memory.used > 0


def test_outside_of_places_the_memory_of_the_device_counts() -> None:
    made = away()
    assert memory_of(made) is memory_at(CPU)
    with computing_at(place("one")) as _:
        assert memory_of(made) is not memory_at(CPU)
    assert here() is None


def test_a_network_that_was_told_its_memory_stays_there() -> None:
    own = some_memory(3)
    made = elsewhere(network(), own)
    with computing_at(place("one")):
        assert memory_of(made) is own


def test_a_network_of_another_kind_of_device_stays_there() -> None:
    meta = torch.device("meta")
    made = placed(network(), Placement(meta, torch.float16))
    with computing_at(place("one")):
        assert placement_of(made).device == meta
    with computing_at(Place("there", torch.device("meta"), Memory(CPU, budget=1000))):
        assert (device_of(made), default_device()) == (meta, meta)
        assert placement_of(made).dtype == torch.float16


def test_changed_weights_are_kept_where_they_are_used() -> None:
    one, other, made = place("one"), place("other"), away()
    with computing_at(one), resident(made, [lora()]) as ready:
        changed = ready(INPUT)
    with computing_at(other), resident(made) as ready:
        plain = ready(INPUT)
    assert not torch.equal(changed, plain)
    with computing_at(one), resident(made) as ready:
        assert torch.equal(ready(INPUT), plain)


def test_the_place_that_holds_most_of_the_networks_is_best() -> None:
    places = [place("one"), place("two"), place("three")]
    model, control, stranger = away(1), away(2), away(3)
    with computing_at(places[1]), resident(model):
        pass
    with computing_at(places[2]), resident(model), resident(control):
        pass
    assert best_of(places, [("text", 1), {"model": model}]) == 1
    assert best_of(places, [[model, control]]) == 2
    assert best_of(places, [stranger, "text", None]) == 0
    assert list(networks_of({"a": (model, [control]), "b": 3})) == [model, control]


def test_two_threads_compute_at_two_places_at_once() -> None:
    places, made = [place("one"), place("two")], away()
    both, found = threading.Barrier(2, timeout=5), []

    def compute(where: Place) -> None:
        with computing_at(where), resident(made) as ready:
            both.wait()
            found.append((here(), ready(INPUT)))

    threads = [threading.Thread(target=compute, args=(each,)) for each in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each for each, _ in found} == set(places)
    assert torch.equal(found[0][1], found[1][1])


def test_devices_are_named_and_must_be_there() -> None:
    first, second = places_named(["cpu", "cpu"])
    assert (first.name, second.name) == ("cpu#0", "cpu#1")
    assert first.memory is not second.memory
    (only,) = places_named(["cpu"])
    assert (only.name, only.memory) == ("cpu", memory_at(CPU))
    with pytest.raises(ValueError, match="cpu and meta compute other bits"):
        places_named(["cpu", "meta"])
    if not torch.cuda.is_available():
        with pytest.raises((RuntimeError, AssertionError)):
            places_named(["cuda:0", "cuda:1"])
