"""Nodes that wait: at the same time, failing, giving up; and what they ask in coroutines."""

import io
import time

from PIL import Image

from tests.compat.execution.conftest import Execution, Prompt


async def test_nodes_that_wait_do_so_at_the_same_time(client: Execution) -> None:
    prompt = Prompt()
    sleeps = [prompt.node("TrialSleep", value=name, seconds=0.4) for name in "abc"]
    show = prompt.node("TrialAtOnce", a=sleeps[0], b=sleeps[1], c=sleeps[2])
    result = await client.run(prompt)
    assert result.shown(show)["text"] == ["abc 3"]  # three waited at once
    assert set(result.heard.ran) == {*(each.id for each in sleeps), show.id}
    assert (await client.run(prompt)).heard.ran == []


async def test_nodes_that_an_expansion_puts_in_wait_at_the_same_time(client: Execution) -> None:
    prompt = Prompt()
    parts = prompt.node("TrialAsyncExpands", count=3, seconds=0.4)
    show = prompt.node("TrialAtOnce", a=parts.out(0), b=parts.out(1), c=parts.out(2))
    assert (await client.run(prompt)).shown(show)["text"] == ["012 3"]


async def test_one_that_fails_while_others_wait(client: Execution) -> None:
    prompt = Prompt()
    slow = prompt.node("TrialSleep", value="slow", seconds=0.3)
    fails = prompt.node("TrialAsyncFail", value="x", seconds=0.05)
    prompt.node("TrialAtOnce", a=slow, b=fails, c="c")
    error = (await client.run(prompt)).error
    assert (error["node_id"], error["exception_type"]) == (fails.id, "RuntimeError")
    assert "it failed while it waited" in error["exception_message"]
    fine = Prompt()
    show = fine.node("TrialOutput", value=fine.node("TrialSleep", value="fine", seconds=0.01))
    assert (await client.run(fine)).shown(show)["text"] == ["fine"]


async def test_one_that_gives_up(client: Execution) -> None:
    prompt = Prompt()
    waits = prompt.node("TrialTimeout", value="x", patience=0.05)
    show = prompt.node("TrialOutput", value=waits)
    error = (await client.run(prompt)).error
    assert (error["node_id"], error["exception_type"]) == (waits.id, "TimeoutError")
    waits.set("patience", 2.0)
    assert (await client.run(prompt)).shown(show)["text"] == ["x"]


async def test_what_has_changed_and_what_is_needed_may_be_asked_in_coroutines(client: Execution) -> None:
    prompt = Prompt()
    one, two = (prompt.node("TrialSleep", value=name, seconds=0.01) for name in ("one", "two"))
    lazy = prompt.node("TrialAsyncLazy", first=False, one=one, two=two)
    checked = prompt.node("TrialAsyncChecked", value=3.0, most=5.0)
    shows = [prompt.node("TrialOutput", value=each) for each in (lazy, checked)]
    result = await client.run(prompt)
    assert [result.shown(each)["text"] for each in shows] == [["two"], ["3.0"]]
    assert not result.ran(one) and result.ran(two)
    assert (await client.run(prompt)).heard.ran == [checked.id]  # 3 has always changed; what it gives has not


async def test_a_waiting_node_is_interrupted(client: Execution) -> None:
    prompt = Prompt()
    prompt.node("TrialOutput", value=prompt.node("TrialSleep", value="x", seconds=20.0))
    async with client.comfy.socket() as socket:
        await client.comfy.queue(prompt.nodes)
        while (await socket.receive_json())["type"] != "executing":
            pass
        started = time.monotonic()
        await client.comfy.post("/interrupt", {})
        while (told := await socket.receive_json())["type"] != "execution_interrupted":
            pass
    assert time.monotonic() - started < 2 and told["data"]["node_type"] == "TrialSleep"


async def test_bars_and_pictures_on_the_way(client: Execution) -> None:
    prompt = Prompt()
    bar = prompt.node("TrialProgress", steps=4, pause=0.06)
    prompt.node("TrialOutput", value=bar)
    asked = {"preview_method": "auto"}
    result = await client.run(prompt, extra_data=asked)
    told = [(each["value"], each["max"], each["node"]) for each in result.heard.of("progress")]
    assert told[-1] == (4, 4, bar.id) and told == sorted(told)
    assert result.heard.frames and all(frame[:4] == bytes([0, 0, 0, 1]) for frame in result.heard.frames)
    states = [each["nodes"][bar.id] for each in result.heard.of("progress_state") if bar.id in each["nodes"]]
    assert states[0]["state"] == "running" and states[-1]["state"] == "finished"


async def test_a_schema_tells_how_far_it_is_with_pictures(client: Execution) -> None:
    prompt = Prompt()
    node = prompt.node("TrialSchema", value=5)
    result = await client.run(prompt, extra_data={"preview_method": "auto"})
    assert result.shown(node) == {"text": ["5"]}
    assert (result.heard.of("progress")[-1]["value"], result.heard.of("progress")[-1]["max"]) == (3, 3)
    sizes = [Image.open(io.BytesIO(frame[8:])).size for frame in result.heard.frames]
    assert sizes == [(512, 5), (900, 8)]
