"""Nodes in the place of nodes, over ComfyUI's protocol: mixed results, loops, what fails inside."""

import pytest

from tests.compat.execution.conftest import Execution, Prompt


async def test_results_of_expansions_and_own_ones_mix(client: Execution) -> None:
    prompt = Prompt()
    values = prompt.node("TrialValues", values="0.1 0.4 0.6")
    mixed = prompt.node("TrialExpands", value=values)
    dynamic = prompt.node("SaveImage", images=mixed.out(0), filename_prefix="dynamic")
    literal = prompt.node("SaveImage", images=mixed.out(1), filename_prefix="literal")
    result = await client.run(prompt)
    expected = [255 * value for value in (0.1, 0.4, 0.6)]
    assert result.pictures(dynamic) == pytest.approx(expected, abs=1)
    assert result.pictures(literal) == pytest.approx(expected, abs=1)


async def test_a_ring_that_a_node_puts_in_is_its_error(client: Execution) -> None:
    prompt = Prompt()
    image = prompt.node("TrialImage", value=0.1, width=16, height=16)
    ring = prompt.node("TrialRing", image=image)
    prompt.node("SaveImage", images=ring, filename_prefix="ring")
    result = await client.run(prompt)
    assert (result.error["node_id"], result.error["node_type"]) == (ring.id, "TrialRing")
    assert result.error["prompt_id"] == result.id and not result.entry["status"]["completed"]


@pytest.mark.parametrize("times", [1, 2, 4])
async def test_a_loop_that_counts(client: Execution, times: int) -> None:
    """Each turn halves; what stands outside of the loop runs once."""
    prompt = Prompt()
    black = prompt.node("TrialImage", value=0.0, width=16, height=16)
    white = prompt.node("TrialImage", value=1.0, width=16, height=16)
    changes = prompt.node("TrialChanges", should_change=False, image=white)
    opening = prompt.node("TrialForOpen", remaining=times, initial_value1=changes)
    average = prompt.node("TrialAverage", input1=black, input2=opening.out(2))
    closing = prompt.node("TrialForClose", flow_control=opening.out(0), initial_value1=average)
    save = prompt.node("SaveImage", images=closing, filename_prefix="loop")
    result = await client.run(prompt)
    assert result.pictures(save) == pytest.approx([255 / 2**times], abs=1)
    assert result.heard.ran.count(changes.id) == 1
    opening.set("remaining", times + 1)
    again = await client.run(prompt)
    assert again.pictures(save) == pytest.approx([255 / 2 ** (times + 1)], abs=1)
    assert not again.ran(changes) and not again.ran(black)


async def test_a_loop_in_a_loop(client: Execution) -> None:
    prompt = Prompt()
    outer = prompt.node("TrialForOpen", remaining=2, initial_value1=0)
    inner = prompt.node("TrialForOpen", remaining=3, initial_value1=outer.out(2))
    plus = prompt.node("TrialMinus", a=inner.out(2), b=-1)
    inner_end = prompt.node("TrialForClose", flow_control=inner.out(0), initial_value1=plus)
    outer_end = prompt.node("TrialForClose", flow_control=outer.out(0), initial_value1=inner_end)
    show = prompt.node("TrialOutput", value=outer_end)
    assert (await client.run(prompt)).shown(show)["text"] == ["6"]


async def test_expansions_in_expansions_and_what_fails_in_the_innermost(client: Execution) -> None:
    prompt = Prompt()
    inner = prompt.node("TrialInner", deep=4, fails=False)
    show = prompt.node("TrialOutput", value=inner)
    assert (await client.run(prompt)).shown(show)["text"] == ["the end"]
    inner.set("fails", True)
    error = (await client.run(prompt)).error
    assert error["node_id"] == inner.id and "'innermost' is not to my taste" in error["exception_message"]
