"""Blocked outputs: what they lead to does not run, and whether anybody is told."""

from tests.compat.execution.conftest import Execution, Prompt


async def test_what_is_blocked_does_not_run_and_nobody_complains(client: Execution) -> None:
    prompt = Prompt()
    image = prompt.node("TrialImage", value=0.5, width=16, height=16)
    gate = prompt.node("TrialGate", value=image, block=True, why="")
    behind = prompt.node("TrialChanges", image=gate)
    blocked = prompt.node("SaveImage", images=behind, filename_prefix="blocked")
    free = prompt.node("SaveImage", images=image, filename_prefix="free")
    result = await client.run(prompt)
    assert result.ran(gate) and list(result.entry["outputs"]) == [free.id]
    assert result.entry["status"]["status_str"] == "success"
    gate.set("block", False)
    assert set((await client.run(prompt)).entry["outputs"]) == {blocked.id, free.id}


async def test_a_block_with_a_reason_is_an_error_of_the_node_that_it_reaches(client: Execution) -> None:
    prompt = Prompt()
    image = prompt.node("TrialImage", value=0.5, width=16, height=16)
    gate = prompt.node("TrialGate", value=image, block=True, why="not today")
    save = prompt.node("SaveImage", images=gate, filename_prefix="blocked")
    error = (await client.run(prompt)).error
    assert error["node_id"] == save.id and "not today" in error["exception_message"]


async def test_of_a_list_only_the_blocked_items_are_left_out(client: Execution) -> None:
    prompt = Prompt()
    values = prompt.node("TrialValues", values="0.2 0.9 0.4")
    gate = prompt.node("TrialGateList", value=values, most=0.5)
    image = prompt.node("TrialImage", value=gate, width=16, height=16)
    save = prompt.node("SaveImage", images=image, filename_prefix="items")
    result = await client.run(prompt)
    assert result.entry["status"]["status_str"] == "success"
    assert result.pictures(save) == [51.0, 102.0]


async def test_a_blocked_lazy_input_that_nobody_asks_for_blocks_nothing(client: Execution) -> None:
    prompt = Prompt()
    white = prompt.node("TrialImage", value=1.0, width=16, height=16)
    gate = prompt.node("TrialGate", value=white, block=True, why="")
    mask = prompt.node("TrialMask", value=1.0, size=16)
    mix = prompt.node("TrialMix", mask=mask, image1=gate, image2=white)
    save = prompt.node("SaveImage", images=mix, filename_prefix="lazy")
    assert (await client.run(prompt)).pictures(save) == [255.0]
