"""Sampling within an explicit budget: the first way that fits is taken, and none that does not."""

import pytest
import torch

from diffusion.adapters.weight_patch import WeightPatch
from diffusion.control import ControlModel, make_control
from diffusion.copies import StreamedCopy
from diffusion.errors import OutOfMemory
from diffusion.memory import Placement, placed
from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.residency import Memory, resident
from diffusion.sampling.denoiser import Denoiser, Inputs
from diffusion.sampling.fitting import WAYS, Sliced, working_bytes
from diffusion.sampling.guidance import Guided, Guider
from tests.diffusion.allocations import Allocated
from tests.diffusion.residents import CPU, Counter, Stopped
from tests.diffusion.sampling.tiny import CONFIG, random_cond, random_latent, tiny_model

SIGMA = 3.0
X = random_latent(0, 2, 4, 32, 32)
WEIGHTS = sum(tensor.nbytes for tensor in tiny_model().network.parameters())
NEEDED = [working_bytes(CONFIG, X[:1] if way.one_by_one else X, way.slices) for way in WAYS]
LARGEST_PART = StreamedCopy.needs(tiny_model().network, Placement(CPU, torch.float32), {})
INPUTS = Inputs(random_cond(1).tensor.expand(2, -1, -1))


def limited(budget: int):
    """The tiny model on a device with so much memory, and that memory."""
    memory, model = Memory(CPU, budget=budget), tiny_model()
    placed(model.network, Placement(CPU, torch.float32, memory))
    return model, memory


def calls_in(model, memory):
    """The batch sizes of the calls of a copy that is still there."""
    with memory.use(model.network) as ready:
        return getattr(ready, "calls", [])


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_every_way_gives_the_same_answer_and_stays_within_the_budget(way):
    budget = (LARGEST_PART if WAYS[way].streamed else WEIGHTS) + NEEDED[way]
    model, memory = limited(budget)
    with Allocated() as allocated:
        answer = Denoiser(model)(X, SIGMA, INPUTS)
    torch.testing.assert_close(answer, Denoiser(tiny_model())(X, SIGMA, INPUTS), atol=2e-5, rtol=0)
    assert memory.peak <= budget
    assert allocated.peak <= budget
    assert allocated.peak > 0.6 * memory.peak, "the ledger does not count what is not there"


def test_a_picture_too_large_for_the_smallest_way_is_out_of_memory():
    model, _ = limited(LARGEST_PART + NEEDED[-1] // 2)
    with pytest.raises(OutOfMemory, match=r"no memory for a step of 256 x 256 pixels: about .* MB") as raised:
        Denoiser(model)(X, SIGMA, INPUTS)
    assert raised.value.remedy.startswith("Lower the size of the picture")


def test_the_way_that_fitted_is_remembered():
    model, memory = limited(WEIGHTS + NEEDED[1])
    denoiser = Denoiser(model)
    for _ in range(2):
        denoiser(X, SIGMA, INPUTS)
    assert calls_in(model, memory) == [1, 1, 1, 1]


@pytest.mark.parametrize("slices", [1, 4, 16])
def test_what_a_step_takes_is_estimated_from_above(slices):
    model = tiny_model()
    patches = (Sliced(slices),) if slices > 1 else ()
    with resident(model.network, patches) as ready, Allocated() as allocated, torch.no_grad():
        ready(X, torch.full((2,), 500.0), INPUTS.context)
    assert allocated.peak < working_bytes(CONFIG, X, slices) < 2 * allocated.peak


def test_loras_and_patches_of_structure_act_on_what_came_to_the_device():
    parts = {"lora_down.weight": torch.randn(2, 64), "lora_up.weight": torch.randn(64, 2)}
    patch = WeightPatch("lora", {"middle_block.1.transformer_blocks.0.attn1.to_q": parts}, 1.0)

    class Silenced:
        def apply(self, network):
            network.middle_block[0] = torch.nn.Identity()

    def ask(model, *patches):
        for each in patches:
            model = model.with_patch(each)
        return Denoiser(model)(X, SIGMA, INPUTS)

    expected = [ask(tiny_model(), *patches) for patches in ((patch,), (patch, Silenced()), ())]
    assert (expected[0] - expected[2]).abs().max() > 1e-4
    for budget in (WEIGHTS + NEEDED[0], LARGEST_PART + NEEDED[-1]):
        model, _ = limited(budget)
        seen = [ask(model, *patches) for patches in ((patch,), (patch, Silenced()), ())]
        for one, other in zip(seen, expected, strict=True):
            torch.testing.assert_close(one, other, atol=2e-5, rtol=0)


@pytest.mark.parametrize("pictures", [1, 2])
def test_a_controlnet_takes_turns_with_the_network_that_it_guides(pictures):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = ControlNet(ControlNetConfig(CONFIG)).eval().requires_grad_(False)

    def guide(model):
        control = make_control(ControlModel(network), torch.rand(pictures, 64, 64, 3).round(), strength=1.0)
        positive = (random_cond(1, control=(control,)),)
        seen = Guided(
            Denoiser(model), Guider((positive, (random_cond(2),)), (3.0,)), like=X, schedule=model.schedule
        )
        return seen(X, SIGMA)

    torch.manual_seed(0)
    expected = guide(tiny_model())
    model, memory = limited(WEIGHTS + NEEDED[1] + 2 * NEEDED[1])
    placed(network, Placement(CPU, torch.float32, memory))
    torch.manual_seed(0)
    with Allocated() as allocated:
        torch.testing.assert_close(guide(model), expected, atol=5e-5, rtol=0)
    assert allocated.peak <= memory.budget


def test_a_step_can_be_stopped_between_calls():
    model, _ = limited(WEIGHTS + NEEDED[1])
    tensors = len(list(model.network.parameters()))
    with pytest.raises(Stopped):
        Denoiser(model, Counter(tensors + 1))(X, SIGMA, INPUTS)
    with pytest.raises(Stopped):
        Denoiser(tiny_model(), Counter(0))(X, SIGMA, INPUTS)
