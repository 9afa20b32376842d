"""Patched networks are kept while the network itself is, and no longer."""

import weakref

from torch import nn

from diffusion.patches import KEPT, Structures, parted, shared_copy
from tests.diffusion.residents import lora, network


class Without:
    """A patch that takes a layer away."""

    def __init__(self, layer):
        self.layer = layer

    def apply(self, network):
        network[self.layer] = nn.Identity()


def test_a_shared_copy_has_modules_of_its_own_around_the_same_tensors():
    made = network()
    copied = shared_copy(made)
    assert copied[0] is not made[0]
    assert [id(tensor) for tensor in copied.parameters()] == [id(tensor) for tensor in made.parameters()]


def test_patches_are_parted_in_order():
    first, second, without = lora(1.0), lora(0.5), Without(0)
    assert parted((first, without, second)) == ((first, second), (without,))


def test_structures_are_made_once_and_the_last_few_are_kept():
    structures, made = Structures(), network()
    assert structures.of(made, ()) is made
    patches = [(Without(0), Without(k % 3)) for k in range(KEPT + 1)]
    first = structures.of(made, patches[0])
    assert [type(layer) for layer in first] == [nn.Identity, nn.Linear, nn.Linear]
    for each in patches[1:KEPT]:
        structures.of(made, each)
    assert structures.of(made, patches[0]) is first
    structures.of(made, patches[KEPT])
    assert structures.of(made, patches[0]) is first, "it was used later than the second"
    assert structures.of(network(), patches[0]) is not first


def test_structures_end_with_the_network_whose_tensors_they_hold():
    structures, made = Structures(), network()
    structures.of(made, (Without(0),))
    tensor = weakref.ref(made[2].weight)
    del made
    assert tensor() is None
