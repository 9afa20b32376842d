"""Prompts as ComfyUI's clients send them, and the messages that they wait for, in their order."""

import asyncio
import io
import json
from typing import Any

from PIL import Image

from tests.compat.server.conftest import Comfy, chain, listen, text_to_image


async def test_a_fresh_prompt_is_told_in_the_order_that_clients_rely_on(comfy: Comfy) -> None:
    prompt = text_to_image(seed=11)
    prompt_id, heard = await comfy.run(prompt)
    status = {"status": {"exec_info": {"queue_remaining": 0}}}
    assert heard.said[0] == {"type": "status", "data": {**status, "sid": comfy.id}}
    assert heard.types[:5] == ["status", "status", "status", "execution_start", "execution_cached"]
    assert heard.types[-4:] == ["executed", "execution_success", "status", "executing"]
    assert heard.said[-2] == {"type": "status", "data": status}
    assert set(heard.ran) == {"3", "4", "5", "6", "7", "8", "9"} - set(
        heard.of("execution_cached")[0]["nodes"]
    )
    assert heard.of("progress")[-1] == {"value": 3, "max": 3, "prompt_id": prompt_id, "node": "3"}
    assert heard.frames == []  # nobody asked for previews
    (executed,) = heard.of("executed")
    (image,) = executed["output"]["images"]
    assert image["filename"].startswith("cat_") and (image["subfolder"], image["type"]) == ("", "output")
    place = {"node": "9", "display_node": "9", "prompt_id": prompt_id}
    assert executed == {**place, "output": {"images": [image]}}
    state = heard.of("progress_state")[-1]
    assert state["prompt_id"] == prompt_id
    ids = dict.fromkeys(("node_id", "display_node_id", "real_node_id"), "9")
    done = {"value": 1, "max": 1, "state": "finished", "prompt_id": prompt_id, "parent_node_id": None}
    assert state["nodes"]["9"] == {**ids, **done}


async def test_the_same_prompt_again_is_cached_and_still_shows_its_picture(comfy: Comfy) -> None:
    prompt = text_to_image(seed=12)
    _, first = await comfy.run(prompt)
    prompt_id, heard = await comfy.run(prompt)
    assert heard.types == [
        "status", "status", "status", "execution_start", "execution_cached",
        "executed", "execution_success", "status", "executing",
    ]  # fmt: skip
    assert set(heard.of("execution_cached")[0]["nodes"]) == set(prompt)
    assert heard.of("executed")[0]["output"] == first.of("executed")[0]["output"]
    assert (await comfy.history(prompt_id))["outputs"] == {"9": first.of("executed")[0]["output"]}


async def test_the_history_holds_what_was_sent_and_what_came_of_it(comfy: Comfy) -> None:
    prompt = text_to_image(seed=13)
    prompt["9"]["_meta"] = {"title": "Save"}
    prompt["6"]["is_changed"] = ["x"]
    graph = {"nodes": [], "version": 0.4, "extra": {"ä": 1.0}}
    extra = {"extra_pnginfo": {"workflow": graph}, "api_key_comfy_org": "secret"}
    async with comfy.socket() as socket:
        sent = await comfy.queue(prompt, extra_data=extra, prompt_id="my-prompt-1")
        assert sent["prompt_id"] == "my-prompt-1" and sent["node_errors"] == {}
        assert await comfy.get("/history/my-prompt-1") == {}
        heard = await listen(socket, "my-prompt-1")
    entry = await comfy.history("my-prompt-1")
    number, prompt_id, echoed, said, outputs = entry["prompt"]
    assert (number, prompt_id, outputs) == (sent["number"], "my-prompt-1", ["9"])
    assert json.dumps(echoed) == json.dumps(prompt)
    assert {**said, "create_time": 0} == {
        "extra_pnginfo": {"workflow": graph}, "client_id": comfy.id, "create_time": 0,
    }  # fmt: skip
    messages = [name for name, _ in entry["status"]["messages"]]
    assert messages == ["execution_start", "execution_cached", "execution_success"]
    assert {**entry["status"], "messages": 0} == {"status_str": "success", "completed": True, "messages": 0}
    node = {"node_id": "9", "display_node": "9", "parent_node": None, "real_node_id": "9"}
    assert entry["meta"] == {"9": node}
    image = heard.of("executed")[0]["output"]["images"][0]
    async with comfy.session.get("/view", params=image) as answer:
        picture = Image.open(io.BytesIO(await answer.read()))
    assert json.loads(picture.text["prompt"]) == prompt
    assert json.loads(picture.text["workflow"]) == graph
    assert "secret" not in str(picture.text)


async def test_the_history_can_be_read_before_anybody_hears_of_the_end(comfy: Comfy) -> None:
    async with comfy.socket() as socket:
        sent = await comfy.queue(chain("Nap", 101))
        while json.loads((await socket.receive()).data)["type"] != "execution_success":
            pass
        assert (await comfy.history(sent["prompt_id"]))["outputs"] == {"3": {"text": ["101"]}}


async def test_pages_of_the_history(comfy: Comfy) -> None:
    await comfy.post("/history", {"clear": True})
    assert await comfy.get("/history") == {}
    ids = [(await comfy.run(chain("Nap", 110 + number)))[0] for number in range(4)]
    assert list(await comfy.get("/history")) == ids
    assert list(await comfy.get("/api/history", max_items="2")) == ids[2:]
    assert list(await comfy.get("/history", max_items="2", offset="1")) == ids[1:3]
    assert list(await comfy.get("/history", max_items="2", offset="-1")) == ids[2:]
    for name in ("max_items", "offset"):
        wrong = await comfy.get("/history", status=400, **{name: "x"})
        assert wrong == {"error": f"{name} must be an integer"}
    await comfy.post("/api/history", {"delete": [ids[0], "unknown"]})
    assert list(await comfy.get("/history")) == ids[1:]


async def test_a_failing_node_is_an_execution_error(comfy: Comfy) -> None:
    prompt_id, heard = await comfy.run(chain("Fail", 120))
    (error,) = heard.of("execution_error")
    assert (error["prompt_id"], error["node_id"], error["node_type"]) == (prompt_id, "2", "Fail")
    assert error["exception_type"] == "RuntimeError"
    assert "this node always fails" in error["exception_message"]
    assert "RuntimeError" in "".join(error["traceback"])
    assert (error["executed"], error["current_inputs"]) == (["1"], {})
    assert heard.types[-3:] == ["execution_error", "status", "executing"]
    status = (await comfy.history(prompt_id))["status"]
    assert (status["status_str"], status["completed"]) == ("error", False)
    assert status["messages"][-1] == ["execution_error", error]
    assert heard.of("progress_state")[-1]["nodes"]["2"]["state"] == "error"


async def test_an_interrupted_prompt_is_told_to_everybody(comfy: Comfy, other: Comfy) -> None:
    async with comfy.socket() as socket, other.socket() as theirs:
        sent = await comfy.queue(chain("Nap", 130, seconds=20.0))
        while json.loads((await socket.receive()).data)["type"] != "progress":
            pass
        await comfy.post("/interrupt", {"prompt_id": "another"})  # not the one that works
        async with comfy.session.post("/api/interrupt") as answer:
            assert (answer.status, await answer.read()) == (200, b"")
        heard = await listen(socket, sent["prompt_id"])
        while (message := json.loads((await theirs.receive()).data))["type"] != "execution_interrupted":
            assert message["type"] == "status", message
    (told,) = heard.of("execution_interrupted")
    assert message["data"] == told
    assert (told["node_id"], told["node_type"], told["executed"]) == ("2", "Nap", ["1"])
    status = (await comfy.history(sent["prompt_id"]))["status"]
    assert (status["status_str"], status["completed"]) == ("error", False)


async def test_what_is_skipped_counts_as_done_and_the_prompt_ends(comfy: Comfy) -> None:
    """ComfyUI has no skipping: who counts nodes, or waits for each output, gets to the end all the same."""
    prompt = chain("Nap", 135, seconds=20.0) | {
        "4": {"class_type": "Number", "inputs": {"value": 136}},
        "5": {"class_type": "Show", "inputs": {"value": ["4", 0]}},
    }
    async with comfy.socket() as socket:
        sent = await comfy.queue(prompt)
        before = []
        while (said := json.loads((await socket.receive()).data))["type"] != "progress":
            before.append(said)
        working = (await comfy.get("/api/v1/queue"))["running"]
        await comfy.post(f"/api/v1/runs/{working}/skip", {"node": "2"}, status=202)
        heard = await listen(socket, sent["prompt_id"])
    heard.said[:0] = before
    cached = [node for told in heard.of("execution_cached") for node in told["nodes"]]
    assert sorted(cached + heard.ran) == sorted(prompt)
    assert "3" in cached and "2" in heard.ran
    shown = {told["node"]: told["output"] for told in heard.of("executed")}
    assert shown.keys() == {"3", "5"} and shown["3"] is None and shown["5"] is not None
    states = heard.of("progress_state")[-1]["nodes"]
    assert {node: state["state"] for node, state in states.items()} == dict.fromkeys(prompt, "finished")
    assert heard.types[-3:] == ["execution_success", "status", "executing"]
    assert (await comfy.history(sent["prompt_id"]))["status"]["status_str"] == "success"


async def test_the_queue_is_ordered_by_number_and_can_be_emptied(comfy: Comfy, other: Comfy) -> None:
    first = await comfy.queue(chain("Nap", 140, seconds=20.0), front=True)
    assert first["number"] < 0
    usual = [await comfy.queue(chain("Nap", 141 + number)) for number in range(2)]
    front = await comfy.queue(chain("Nap", 143), front=True)
    late = await other.queue(chain("Nap", 144), number=10_000_000)
    early = await comfy.queue(chain("Nap", 145), number=-500.5)
    queue = await comfy.get("/queue")
    ids = [each["prompt_id"] for each in (early, front, *usual, late)]
    assert [item[1] for item in queue["queue_pending"]] == ids
    assert [item[0] for item in queue["queue_pending"]] == [
        each["number"] for each in (early, front, *usual, late)
    ]
    assert early["number"] == -500.5
    (running,) = queue["queue_running"]
    assert {**running[3], "create_time": 0} == {"client_id": comfy.id, "create_time": 0}
    assert [running[1], running[2], running[4]] == [
        first["prompt_id"],
        chain("Nap", 140, seconds=20.0),
        ["3"],
    ]
    assert (await comfy.get("/prompt"))["exec_info"]["queue_remaining"] == 6
    await comfy.post("/queue", {"delete": [ids[0], "unknown"]})
    assert [item[1] for item in (await comfy.get("/api/queue"))["queue_pending"]] == ids[1:]
    await comfy.post("/queue", {"clear": True})
    assert (await comfy.get("/queue"))["queue_pending"] == []
    await comfy.post("/interrupt", {"prompt_id": first["prompt_id"]})
    await comfy.until(0)
    assert ids[0] not in await comfy.get("/history")


async def test_a_prompt_is_told_to_its_own_client_only(comfy: Comfy, other: Comfy) -> None:
    async with other.socket() as theirs:
        await comfy.run(chain("Nap", 150, seconds=0.1))
        async with asyncio.timeout(10):
            heard = [json.loads((await theirs.receive()).data) for _ in range(4)]
    assert [each["type"] for each in heard] == ["status"] * 4
    remaining = [each["data"]["status"]["exec_info"]["queue_remaining"] for each in heard]
    assert remaining == [0, 1, 1, 0]


async def test_of_several_outputs_those_run_that_can(comfy: Comfy) -> None:
    prompt = chain("Nap", 160)
    prompt["4"] = {"class_type": "Show", "inputs": {}}
    async with comfy.socket() as socket:
        sent = await comfy.queue(prompt)
        heard = await listen(socket, sent["prompt_id"])
    (error,) = sent["node_errors"]["4"]["errors"]
    assert (error["type"], error["details"]) == ("required_input_missing", "value")
    assert {**sent["node_errors"]["4"], "errors": 0} == {
        "errors": 0, "dependent_outputs": ["4"], "class_type": "Show",
    }  # fmt: skip
    assert [data["node"] for data in heard.of("executed")] == ["3"]
    assert (await comfy.history(sent["prompt_id"]))["prompt"][4] == ["3"]


async def test_only_the_outputs_that_are_asked_for_run(comfy: Comfy) -> None:
    prompt = chain("Nap", 170)
    prompt["4"] = {"class_type": "Show", "inputs": {"value": ["1", 0]}}
    _, heard = await comfy.run(prompt, partial_execution_targets=["4"])
    assert heard.ran == ["1", "4"]
    answer = await comfy.queue(prompt, partial_execution_targets=["2"], status=400)
    assert answer["error"]["type"] == "prompt_no_outputs"


def previews(prompt: dict[str, Any]) -> dict[str, Any]:
    return {**prompt, "2": {"class_type": "Film", "inputs": {"value": ["1", 0], "frames": 2, "size": 64}}}


async def test_previews_are_for_clients_that_ask(comfy: Comfy) -> None:
    async with comfy.socket() as socket:
        await socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        sent = await comfy.queue(previews(chain("Nap", 180)))
        heard = await listen(socket, sent["prompt_id"])
    (flags,) = heard.of("feature_flags")
    assert flags == {"supports_preview_metadata": True, "max_upload_size": 64 * 2**20}
    frame = heard.frames[-1]
    size = int.from_bytes(frame[4:8], "big")
    ids = dict.fromkeys(("node_id", "display_node_id", "real_node_id"), "2")
    assert int.from_bytes(frame[:4], "big") == 4
    assert json.loads(frame[8 : 8 + size]) == {
        **ids, "prompt_id": sent["prompt_id"], "parent_node_id": None, "image_type": "image/webp",
    }  # fmt: skip
    assert len(frame) == 8 + size + 64
    _, plain = await comfy.run(previews(chain("Nap", 181)), extra_data={"preview_method": "auto"})
    assert plain.frames and {frame[:8] for frame in plain.frames} == {bytes([0, 0, 0, 1, 0, 0, 0, 1])}
    for number, extra in enumerate(({}, {"preview_method": "default"}, {"preview_method": "none"})):
        _, silent = await comfy.run(previews(chain("Nap", 182 + number)), extra_data=extra)
        assert silent.frames == []


async def test_pictures_can_come_over_the_websocket_alone(comfy: Comfy) -> None:
    prompt = text_to_image(seed=14)
    prompt["9"] = {"class_type": "SaveImageWebsocket", "inputs": {"images": ["8", 0]}}
    _, heard = await comfy.run(prompt)
    (frame,) = heard.frames
    assert frame[:8] == bytes([0, 0, 0, 1, 0, 0, 0, 2])
    assert Image.open(io.BytesIO(frame[8:])).size == (64, 64)


async def test_a_long_node_does_not_leave_its_client_in_silence(comfy: Comfy) -> None:
    _, heard = await comfy.run(chain("Deaf", 190, seconds=3.2))
    gaps = [later - earlier for earlier, later in zip(heard.times, heard.times[1:], strict=False)]
    assert max(gaps) < 3.0
    states = [told["nodes"]["2"]["state"] for told in heard.of("progress_state") if "2" in told["nodes"]]
    assert states[0] == "running" and states[-1] == "finished"


async def test_who_comes_back_in_the_middle_hears_where_its_prompt_is(comfy: Comfy) -> None:
    async with comfy.socket() as socket:
        sent = await comfy.queue(chain("Nap", 200, seconds=0.7))
        while json.loads((await socket.receive()).data)["type"] != "progress":
            pass
    async with comfy.socket("/api/ws") as socket:
        heard = await listen(socket, sent["prompt_id"])
    assert heard.types[:2] == ["status", "executing"] and heard.said[1]["data"] == {"node": "2"}
    assert heard.types[-3:] == ["execution_success", "status", "executing"]


async def test_queue_and_history_are_one_list_of_jobs(comfy: Comfy) -> None:
    await comfy.post("/history", {"clear": True})
    graph = {"extra_pnginfo": {"workflow": {"id": "my-graph", "nodes": []}}}
    done, heard = await comfy.run(text_to_image(seed=15), extra_data=graph)
    failed, _ = await comfy.run(chain("Fail", 205))
    working = await comfy.queue(chain("Nap", 206, seconds=20.0))
    waiting = await comfy.queue(chain("Nap", 207))
    listed = await comfy.get("/jobs")
    ids = [working["prompt_id"], waiting["prompt_id"], failed, done]
    assert [job["id"] for job in listed["jobs"]] == ids
    assert [job["status"] for job in listed["jobs"]] == ["in_progress", "pending", "failed", "completed"]
    assert listed["pagination"] == {"offset": 0, "limit": 1000, "total": 4, "has_more": False}
    page = await comfy.get("/api/jobs?status=completed,failed,cancelled&limit=1&offset=1")
    image = heard.of("executed")[0]["output"]["images"][0]
    (job,) = page["jobs"]
    assert page["pagination"] == {"offset": 1, "limit": 1, "total": 2, "has_more": False}
    assert (job["id"], job["outputs_count"], job["workflow_id"]) == (done, 1, "my-graph")
    assert job["preview_output"] == {**image, "nodeId": "9", "mediaType": "images"}
    assert job["create_time"] <= job["execution_start_time"] <= job["execution_end_time"]
    (error,) = (await comfy.get("/jobs?status=failed"))["jobs"]
    assert error["execution_error"]["exception_type"] == "RuntimeError"
    detail = await comfy.get(f"/jobs/{done}")
    assert detail["outputs"] == {"9": heard.of("executed")[0]["output"]}
    assert detail["workflow"]["prompt"] == text_to_image(seed=15)
    assert detail["workflow"]["extra_data"]["extra_pnginfo"] == graph["extra_pnginfo"]
    assert (await comfy.get(f"/jobs/{ids[0]}"))["outputs"] == {}
    await comfy.get("/jobs/unknown", status=404)
    assert await comfy.post("/jobs/unknown/cancel", {}) == {"cancelled": False}
    assert await comfy.post("/jobs/cancel", {"job_ids": ids[1:2]}) == {"cancelled": True}
    assert await comfy.post(f"/api/jobs/{ids[0]}/cancel", {}) == {"cancelled": True}
    await comfy.until(0)
    jobs = (await comfy.get("/jobs?status=cancelled"))["jobs"]
    assert [job["id"] for job in jobs] == ids[:1]
    for order in ("asc", "desc"):
        times = [job["create_time"] for job in (await comfy.get(f"/jobs?sort_order={order}"))["jobs"]]
        assert len(times) == 3 and times == sorted(times, reverse=order == "desc")
    sorted_by = (await comfy.get("/jobs?sort_by=execution_time"))["jobs"]
    lengths = [job["execution_end_time"] - job["execution_start_time"] for job in sorted_by]
    assert len(lengths) == 3 and lengths == sorted(lengths, reverse=True)


async def test_an_editors_run_is_a_prompt_for_others(comfy: Comfy) -> None:
    node = {"id": "it", "type": "Number", "inputs": {"value": 210}}
    show = {"id": "seen", "type": "Show", "inputs": {}, "title": "Seen"}
    link = {"from": ["it", "INT"], "to": ["seen", "value"]}
    head = {"format": "tessera.workflow", "version": 1, "title": "Ours"}
    body = {"workflow": {**head, "nodes": [node, show], "links": [link]}, "client": "editor:1"}
    async with comfy.session.post("/api/v1/runs", json=body) as answer:
        run = (await answer.json())["run"]
    await comfy.until(0)
    entry = await comfy.history(run)
    assert entry["outputs"] == {"seen": {"text": ["210"]}}
    assert entry["prompt"][1:] == [run, {
        "it": {"inputs": {"value": 210}, "class_type": "Number", "_meta": {"title": "Number"}},
        "seen": {"inputs": {"value": ["it", 0]}, "class_type": "Show", "_meta": {"title": "Seen"}},
    }, {}, ["seen"]]  # fmt: skip


async def test_freeing_memory_makes_the_next_prompt_compute_anew(comfy: Comfy) -> None:
    prompt = chain("Nap", 220)
    await comfy.run(prompt)
    await comfy.post("/free", {"unload_models": True, "free_memory": True})
    _, heard = await comfy.run(prompt)
    assert heard.ran == ["1", "2", "3"]
