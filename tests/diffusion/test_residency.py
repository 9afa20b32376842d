"""The memory of a device: what stays, what leaves, and that LoRAs come and go without a trace."""

import copy
import threading
import weakref

import pytest
import torch

from diffusion.adapters.weight_patch import merged
from diffusion.errors import OutOfMemory
from diffusion.host import BUDGET, allowed_bytes
from diffusion.memory import Placement, placed, placement_of
from diffusion.residency import Memory, resident
from tests.diffusion.allocations import Allocated
from tests.diffusion.residents import (
    BYTES,
    CPU,
    SIDE,
    Counter,
    Stopped,
    elsewhere,
    lora,
    memory_of,
    network,
    same,
)

DTYPES = [torch.float32, torch.bfloat16, torch.float16]
TENSORS = 6


# --- on a device


@pytest.mark.parametrize("dtype", DTYPES)
def test_merging_is_undone_to_the_bit(dtype):
    memory, plain = memory_of(2), network()
    patches = (lora(0.7), lora(-0.3, seed=1, modules=("2",)))
    expected = merged(network(), patches).to(dtype)
    made = elsewhere(plain, memory, dtype)
    for _ in range(3):
        with memory.use(made, patches) as ready:
            assert same(ready, expected)
        with memory.use(made) as ready:
            assert same(ready, network().to(dtype))
    assert same(made, network()), "the original on the host never changes"


def test_only_what_changes_is_touched():
    memory = memory_of(2)
    made = elsewhere(network(), memory)

    def touched(*patches):
        check = Counter()
        with memory.use(made, patches, check=check):
            return check.calls

    assert touched() == TENSORS, "all tensors come"
    assert touched(lora(1.0)) == 2
    assert touched(lora(1.0)) == 0, "the same again"
    assert touched(lora(0.5)) == 2
    assert touched(lora(0.5), lora(1.0, seed=1, modules=("1",))) == 1
    assert touched() == 3


def test_the_least_recently_used_leaves_first():
    memory = memory_of(2.5)
    first, second, third = (elsewhere(network(seed), memory) for seed in range(3))

    def came(made):
        check = Counter()
        with memory.use(made, check=check):
            return check.calls == TENSORS

    assert [came(each) for each in (first, second, first, third)] == [True, True, False, True]
    assert [came(each) for each in (first, third, second)] == [False, False, True]
    assert memory.used == 2 * BYTES and memory.peak == 2 * BYTES


def test_what_is_used_stays_and_too_much_is_an_error_with_a_remedy():
    memory = memory_of(2.5)
    first, second, third = (elsewhere(network(seed), memory) for seed in range(3))
    with memory.use(first), memory.use(second):
        with (
            pytest.raises(OutOfMemory, match="no memory for the weights of Sequential") as raised,
            memory.use(third),
        ):
            pass
        assert "--memory" in raised.value.remedy
        with memory.use(first, check=Counter(0)):
            pass  # nothing had to come again
    with memory.use(third):
        assert memory.used == 2 * BYTES


def test_computing_lets_networks_leave_and_counts():
    memory = memory_of(3)
    first, second = (elsewhere(network(seed), memory) for seed in range(2))
    with memory.use(first), memory.use(second):
        pass
    with memory.use(second), memory.working(2 * BYTES, "a step"):
        assert memory.used == 3 * BYTES
        with (
            pytest.raises(OutOfMemory, match="no memory for another"),
            memory.working(1, "another step"),
        ):
            pass
    assert (memory.used, memory.peak) == (BYTES, 3 * BYTES)


def test_stopping_while_weights_come_takes_one_tensor_and_loses_nothing():
    memory = memory_of(2)
    made = elsewhere(network(), memory)
    with pytest.raises(Stopped), memory.use(made, check=Counter(2)):
        pass
    rest = Counter()
    with memory.use(made, check=rest) as ready:
        assert same(ready, network())
    assert rest.calls == TENSORS - 2
    with pytest.raises(Stopped), memory.use(made, (lora(),), check=Counter(1)):
        pass
    with memory.use(made) as ready:
        assert same(ready, network()), "half a LoRA is undone, too"


def test_networks_that_nobody_has_leave_at_once():
    memory = memory_of(2)
    made = elsewhere(network(), memory)
    with memory.use(made) as ready:
        tensor = weakref.ref(ready[0].weight)
    del ready
    assert memory.used == BYTES and tensor() is not None
    del made
    assert memory.used == 0 and tensor() is None


def test_networks_that_left_take_nothing():
    memory = memory_of(2)
    made = elsewhere(network(), memory)
    with Allocated() as allocated:
        with memory.use(made):
            assert allocated.now == BYTES
        memory.release()
        assert (allocated.now, memory.used) == (0, 0)


# --- part by part


def test_a_network_too_large_comes_part_by_part():
    memory, x = memory_of(0.9), torch.randn(3, SIDE)
    made = elsewhere(network(), memory)
    for patches in ((), (lora(0.5),), ()):
        expected = merged(network(), patches)(x)
        with Allocated() as allocated, torch.no_grad(), memory.use(made, patches) as ready:
            assert torch.equal(ready(x), expected)
            del expected
        assert memory.used == BYTES // 3
        lora_work = 3 * SIDE * SIDE * 4 if patches else 0
        assert allocated.peak <= BYTES // 3 + 3 * x.nbytes + lora_work
    assert placement_of(ready).memory is memory, "its weights on the host do not tell where it computes"


def test_parts_leave_when_their_module_fails():
    memory = memory_of(1.2)
    made = elsewhere(network(), memory)
    with memory.use(made, streamed=True) as ready:
        with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
            ready(torch.zeros(1, SIDE + 1))
        assert ready[0].weight.data_ptr() == made[0].weight.data_ptr()


# --- at home


def test_at_home_a_network_is_used_as_it_is():
    memory, made = memory_of(0), network()
    with memory.use(made) as ready:
        assert ready is made and memory.used == 0


def test_at_home_only_what_loras_change_is_kept():
    memory, made, patches = memory_of(1), network(), (lora(0.5),)
    with memory.use(made, patches) as ready:
        assert same(ready, merged(made, patches))
        assert ready[1].weight is made[1].weight and ready[0].bias is made[0].bias
        assert memory.used == 2 * SIDE * SIDE * 4
    assert same(made, network())


def test_at_home_the_last_sets_of_loras_are_kept():
    memory, made = memory_of(9), network()

    def touched(strength):
        check = Counter()
        with memory.use(made, (lora(strength),), check=check):
            return check.calls

    assert [touched(each) for each in (1.0, 0.5, 1.0, 0.25, 0.5, 1.0)] == [2, 2, 0, 2, 0, 0]
    assert [touched(each) for each in (2.0, 0.5, 0.25)] == [2, 0, 2]
    assert memory.used == 3 * 2 * SIDE * SIDE * 4


@pytest.mark.parametrize("at_home", [True, False])
def test_threads_share_a_memory(at_home):
    memory, made, x = memory_of(3), network(), torch.randn(4, SIDE)
    if not at_home:
        elsewhere(made, memory)
    expected = {each: merged(made, (lora(each),))(x) for each in (0.25, 0.5, 0.75)}
    wrong = []

    def work(strength):
        for _ in range(30):
            with memory.use(made, (lora(strength),)) as ready:
                if not torch.equal(ready(x), expected[strength]):
                    wrong.append(strength)

    threads = [threading.Thread(target=work, args=(each,)) for each in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# --- errors and ways


def test_what_torch_cannot_allocate_is_out_of_memory():
    memory = memory_of(1)
    with pytest.raises(OutOfMemory, match="the memory of the device"), memory.working(0, "a step"):
        torch.empty(2**50, dtype=torch.uint8)
    with pytest.raises(RuntimeError, match="must match"), memory.working(0, "a step"):
        torch.zeros(2) + torch.zeros(3)


def test_the_first_way_that_fits_is_taken_and_others_make_room():
    memory = memory_of(2)
    made = elsewhere(network(), memory)
    with memory.use(made):
        pass
    held = []

    def large():
        held.append(memory.used)
        raise OutOfMemory("too large", remedy="")

    def small():
        held.append(memory.used)
        return "small"

    assert memory.first_that_fits([large, large, small]) == ("small", 2)
    assert held == [BYTES, 0, 0]
    assert memory.first_that_fits([large, small], 1) == ("small", 1)
    with pytest.raises(OutOfMemory, match="too large"):
        memory.first_that_fits([small, large], 1)


def test_resident_is_under_patches_of_structure_too():
    class Doubled:
        def apply(self, network):
            network[2] = torch.nn.Sequential(network[2], torch.nn.Identity())

    memory, made = memory_of(2), network()
    elsewhere(made, memory)
    with resident(made, (lora(), Doubled())) as ready:
        assert [type(layer) for layer in ready[2]] == [torch.nn.Linear, torch.nn.Identity]
        assert torch.equal(ready[2][0].weight, merged(network(), (lora(),))[2].weight)
    assert memory.used == BYTES and isinstance(made[2], torch.nn.Linear)


def test_a_device_has_a_budget_without_being_told(monkeypatch):
    monkeypatch.delenv(BUDGET, raising=False)
    assert Memory(CPU).budget == allowed_bytes() // 2
    monkeypatch.setenv(BUDGET, str(3 * 2**20))
    assert Memory(CPU).budget == 3 * 2**20
    assert Memory(CPU, budget=7).budget == 7
    monkeypatch.setenv(BUDGET, "plenty")
    assert Memory(CPU).budget == allowed_bytes() // 2


@pytest.mark.gpu
def test_a_gpu_holds_copies_that_equal_the_original_to_the_bit():
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    memory = Memory(torch.device("cuda"), budget=2 * BYTES)
    made = placed(network(), Placement(memory.device, torch.float16, memory))
    x = torch.randn(3, SIDE, device="cuda", dtype=torch.float16)
    expected = []
    for streamed in (False, True):
        for patches in ((lora(0.7),), ()):
            with memory.use(made, patches, streamed=streamed) as ready:
                expected.append(ready(x))
                if not (streamed or patches):  # with patches, a GPU sums in another order
                    assert same(copy.deepcopy(ready).cpu(), network().half())
        memory.release()
    assert all(answer.device.type == "cuda" for answer in expected) and memory.used == 0
    torch.testing.assert_close(expected[:2], expected[2:], atol=0, rtol=0)
