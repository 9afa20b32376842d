"""The other routes of ComfyUI's protocol: what it knows, files in and out, the user's own things."""

import asyncio
import io
import json
import logging
import struct
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData, WSMsgType
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image
from yarl import URL

from compat.object_info import known_nodes
from compat.server.app import ROUTES, add_comfy
from graph.folders import Folders
from server import make_engine
from service.app import create_app
from service.hosting import places_of
from tests.compat.server.conftest import CHECKPOINT, ROOT, Comfy, Running, chain


def png(colour: tuple[int, ...] = (200, 30, 30), size: tuple[int, int] = (8, 6)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB" if len(colour) == 3 else "RGBA", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


async def upload(
    comfy: Comfy, content: bytes, name: str, path: str = "/upload/image", **fields: str
) -> tuple[int, Any]:
    form = FormData(fields, quote_fields=False)
    form.add_field("image", content, filename=name, content_type="image/png")
    async with comfy.session.post(path, data=form) as answer:
        return answer.status, await answer.json()


async def fetch(comfy: Comfy, path: str, **query: str) -> tuple[int, str, bytes]:
    async with comfy.session.get(path, params=query) as answer:
        return answer.status, answer.content_type, await answer.read()


# What there is


async def test_nodes_are_described_with_their_inputs_in_comfyuis_order(comfy: Comfy) -> None:
    nodes = await comfy.get("/object_info")
    assert await comfy.get("/api/object_info") == nodes
    facts = known_nodes()
    shared = nodes.keys() & facts.keys()
    assert len(shared) > 150
    for name in shared:
        told = nodes[name]
        order = [*told["input_order"]["required"], *told["input_order"].get("optional", ())]
        theirs = sorted(facts[name].inputs, key=lambda given: given.optional)
        assert order == [given.name for given in theirs], name
        assert [list(each) for each in zip(told["output_name"], told["output"], strict=True)] == [
            [output, kind] for output, kind in facts[name].outputs
        ], name
    sampler = nodes["KSampler"]
    seed = sampler["input"]["required"]["seed"]
    assert (seed[0], seed[1]["control_after_generate"], seed[1]["max"]) == ("INT", True, 2**64 - 1)
    assert sampler["input"]["required"]["model"][0] == "MODEL"
    assert "euler_ancestral" in sampler["input"]["required"]["sampler_name"][0]
    cfg = sampler["input"]["required"]["cfg"]
    assert (cfg[0], cfg[1]["default"], cfg[1]["min"], cfg[1]["max"]) == ("FLOAT", 8.0, 0.0, 100.0)
    assert sampler.keys() >= {
        "name",
        "display_name",
        "description",
        "category",
        "python_module",
        "output_node",
    }
    assert nodes["SaveImage"]["output_node"] and not sampler["output_node"]
    image, options = nodes["LoadImage"]["input"]["required"]["image"]
    assert "example.png" in image and options["image_upload"] is True


async def test_one_node_is_described_alone(comfy: Comfy) -> None:
    nodes = await comfy.get("/object_info")
    assert await comfy.get("/object_info/KSampler") == {"KSampler": nodes["KSampler"]}
    assert await comfy.get("/object_info/NoSuchNode") == {}


async def test_model_folders_and_their_files(comfy: Comfy) -> None:
    (comfy.root / "models/embeddings/style").mkdir(exist_ok=True)
    (comfy.root / "models/embeddings/style/soft.pt").write_bytes(b"")
    kinds = await comfy.get("/models")
    assert {"checkpoints", "loras", "vae", "embeddings", "controlnet"} <= set(kinds)
    assert await comfy.get("/models/checkpoints") == [CHECKPOINT]
    await comfy.get("/models/no_such_folder", status=404)
    await comfy.get("/models/..%2Foutput", status=404)
    assert await comfy.get("/api/embeddings") == ["style/soft"]
    assert {each["name"] for each in await comfy.get("/experiment/models")} == set(kinds)
    (file,) = await comfy.get("/experiment/models/checkpoints")
    size = (comfy.root / "models/checkpoints" / CHECKPOINT).stat().st_size
    assert (file["name"], file["pathIndex"], file["size"]) == (CHECKPOINT, 0, size)
    assert set(await comfy.get("/internal/folder_paths")) == set(kinds)


async def test_a_model_shows_the_picture_beside_it(comfy: Comfy) -> None:
    (comfy.root / "models/loras/a.safetensors").write_bytes(b"")
    path = "/experiment/models/preview/loras/0/a.safetensors"
    assert (await fetch(comfy, path))[0] == 404
    (comfy.root / "models/loras/a.png").write_bytes(png())
    assert await fetch(comfy, path) == (200, "image/png", png())
    assert (await fetch(comfy, "/experiment/models/preview/loras/0/..%2F..%2Fx"))[0] in (403, 404)


async def test_a_model_tells_its_metadata(comfy: Comfy) -> None:
    header = json.dumps({"__metadata__": {"ss_tag": "x"}}).encode()
    place = comfy.root / "models/loras"
    (place / "said.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    (place / "torn.safetensors").write_bytes(b"\xff" * 9)
    assert await comfy.get("/view_metadata/loras", filename="said.safetensors") == {"ss_tag": "x"}
    for name in ("torn.safetensors", "missing.safetensors", "", "a.png"):
        await comfy.get("/view_metadata/loras", status=404, filename=name)
    await comfy.get("/view_metadata/loras", status=403, filename="../checkpoints/x.safetensors")


async def test_the_machine_and_the_protocol_are_described(comfy: Comfy) -> None:
    stats = await comfy.get("/system_stats")
    assert stats["system"].keys() >= {
        "os",
        "python_version",
        "pytorch_version",
        "argv",
        "ram_total",
        "ram_free",
    }
    assert stats["system"]["comfyui_version"] == "0.3.64"
    (device,) = stats["devices"]
    assert device.keys() == {
        "name", "type", "index", "vram_total", "vram_free", "torch_vram_total", "torch_vram_free",
    }  # fmt: skip
    features = {"supports_preview_metadata": True, "max_upload_size": 64 * 2**20}
    assert await comfy.get("/features") == features
    assert await comfy.get("/extensions") == []
    for path in ("/i18n", "/api/global_subgraphs", "/api/node_replacements"):
        assert await comfy.get(path) == {}
    async with comfy.session.head("/system_stats") as answer:
        assert answer.status == 200
    async with comfy.session.options("/prompt") as answer:
        assert (answer.status, await answer.read()) == (200, b"")


async def test_workflows_that_ship_and_those_that_are_saved_are_templates(comfy: Comfy) -> None:
    document = {"format": "tessera.workflow", "version": 1, "nodes": [{"id": "a", "type": "Number"}]}
    async with comfy.session.put("/api/v1/workflows/my own", json={"workflow": document}) as answer:
        assert answer.status in (200, 201)
    listed = await comfy.get("/workflow_templates")
    assert "text_to_image" in listed["tessera"] and listed["saved"] == ["my own"]
    graph = await comfy.get("/api/workflow_templates/tessera/text_to_image.json")
    assert "KSampler" in [node["type"] for node in graph["nodes"]]
    own = await comfy.get("/workflow_templates/saved/my own.json")
    assert [node["type"] for node in own["nodes"]] == ["Number"]
    path = "/api/workflow_templates/tessera/text_to_image.jpg"
    assert (await fetch(comfy, path))[:2] == (200, "image/webp")
    for name in ("tessera/gone.json", "other/text_to_image.json", "saved/my own.jpg", "tessera/..%2Fx.json"):
        assert (await fetch(comfy, f"/workflow_templates/{name}"))[0] == 404


# Pictures


async def test_a_picture_is_shown_whole_smaller_or_by_channel(comfy: Comfy) -> None:
    content = png((10, 20, 30, 40))
    (comfy.root / "output/sub").mkdir(parents=True, exist_ok=True)
    (comfy.root / "output/sub/see.png").write_bytes(content)
    query = {"filename": "see.png", "subfolder": "sub"}
    assert await fetch(comfy, "/view", **query) == (200, "image/png", content)
    assert await fetch(comfy, "/api/view", filename="sub/see.png [output]", type="input") == (
        200, "image/png", content,
    )  # fmt: skip
    async with comfy.session.get("/view", params=query) as answer:
        assert answer.headers["Content-Disposition"] == 'filename="see.png"'
    for preview, kind in (("webp;50", "image/webp"), ("jpeg", "image/jpeg"), ("gif;x", "image/webp")):
        status, found, body = await fetch(comfy, "/view", **query, preview=preview)
        assert (status, found, Image.open(io.BytesIO(body)).size) == (200, kind, (8, 6))
    _, _, body = await fetch(comfy, "/view", **query, channel="rgb")
    assert Image.open(io.BytesIO(body)).getpixel((0, 0)) == (10, 20, 30)
    _, _, body = await fetch(comfy, "/view", **query, channel="a")
    assert Image.open(io.BytesIO(body)).getpixel((0, 0)) == (0, 0, 0, 40)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 404),
        ({"filename": "missing.png"}, 404),
        ({"filename": "/etc/passwd"}, 400),
        ({"filename": "../user/default/comfy.settings.json"}, 400),
        ({"filename": "x.png", "type": "models"}, 400),
        ({"filename": "passwd", "subfolder": "/etc"}, 403),
        ({"filename": "passwd", "subfolder": "../../etc"}, 403),
        ({"filename": "passwd", "subfolder": "..\\..\\etc"}, 403),
        ({"filename": "a\0b.png"}, 403),
        ({"filename": ".hidden"}, 404),
        ({"filename": "no_picture.png", "preview": "webp"}, 422),
    ],
)
async def test_what_is_not_there_to_see_is_refused(comfy: Comfy, query: dict[str, str], status: int) -> None:
    (comfy.root / "output").mkdir(exist_ok=True)
    (comfy.root / "output/.hidden").write_text("x")
    (comfy.root / "output/no_picture.png").write_text("x")
    assert (await fetch(comfy, "/view", **query))[0] == status


async def test_what_could_run_as_a_page_comes_as_bytes(comfy: Comfy) -> None:
    (comfy.root / "output").mkdir(exist_ok=True)
    for name in ("a.html", "a.svg", "a.js", "a.css"):
        (comfy.root / "output" / name).write_text("<script>alert(1)</script>")
        status, kind, _ = await fetch(comfy, "/view", filename=name)
        assert (status, kind) == (200, "application/octet-stream")


async def test_an_upload_keeps_its_name_beside_others(comfy: Comfy) -> None:
    async with comfy.socket() as socket:
        await socket.receive()
        stored = {"name": "up.png", "subfolder": "", "type": "input"}
        assert await upload(comfy, png(), "up.png") == (200, stored)
        assert await upload(comfy, png(), "up.png", type="input") == (200, stored)
        other = png((1, 2, 3))
        assert await upload(comfy, other, "up.png") == (200, {**stored, "name": "up (1).png"})
        assert await upload(comfy, other, "up.png", overwrite="true") == (200, stored)
    assert (comfy.root / "input/up.png").read_bytes() == other
    placed = {"name": "up.png", "subfolder": "a/b", "type": "temp"}
    fields = {"subfolder": "a/b", "type": "temp", "something": "else"}
    assert await upload(comfy, png(), "up.png", "/api/upload/image", **fields) == (200, placed)
    assert (comfy.root / "temp/a/b/up.png").read_bytes() == png()
    prompt = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "a/b/up.png [temp]"}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    _, heard = await comfy.run(prompt)
    (image,) = heard.of("executed")[0]["output"]["images"]
    assert image["type"] == "temp"


@pytest.mark.parametrize(
    "fields", [{"subfolder": "../x"}, {"subfolder": "a/../../.."}, {"subfolder": ".git"}]
)
async def test_an_upload_stays_in_its_folder(comfy: Comfy, fields: dict[str, str]) -> None:
    assert (await upload(comfy, png(), "up.png", **fields))[0] == 400
    status, stored = await upload(comfy, png(), "../../evil.png")
    assert (status, stored["name"]) == (200, "evil.png")  # only the last part of a path is its name
    assert (comfy.root / "input/evil.png").is_file()
    assert (await upload(comfy, png(), "..", **fields))[0] == 400


async def test_a_mask_is_put_on_its_picture(comfy: Comfy) -> None:
    await upload(comfy, png((9, 8, 7)), "base.png")
    reference = json.dumps({"filename": "base.png", "type": "input", "subfolder": ""})
    mask = png((0, 0, 0, 77))
    status, stored = await upload(comfy, mask, "masked.png", "/upload/mask", original_ref=reference)
    assert (status, stored["name"]) == (200, "masked.png")
    with Image.open(comfy.root / "input/masked.png") as picture:
        assert picture.getpixel((3, 3)) == (9, 8, 7, 77)
    wrong = {
        422: (png((0, 0, 0, 77), (3, 3)), reference),
        404: (mask, json.dumps({"filename": "gone.png"})),
        400: (mask, "[]"),
    }
    for expected, (content, reference) in wrong.items():
        status, _ = await upload(comfy, content, "m.png", "/upload/mask", original_ref=reference)
        assert status == expected


async def test_the_newest_files_come_first(comfy: Comfy) -> None:
    await comfy.run(chain("Nap", 300))
    await upload(comfy, png(), "first.png")
    await upload(comfy, png(), "second.png")
    names = await comfy.get("/internal/files/input")
    assert names.index("second.png") < names.index("first.png") < names.index("example.png")
    await comfy.get("/internal/files/models", status=400)


async def test_the_log_can_be_read_and_followed(comfy: Comfy) -> None:
    log = logging.getLogger("a pack")
    log.warning("a first line")
    assert "WARNING a pack: a first line\n" in await comfy.get("/internal/logs")
    raw = await comfy.get("/internal/logs/raw")
    assert (raw["entries"][-1]["m"], raw["size"].keys()) == (
        "WARNING a pack: a first line\n",
        {"cols", "rows"},
    )
    async with comfy.socket() as socket:
        await socket.receive()
        for enabled in (True, False):
            body = {"clientId": comfy.id, "enabled": enabled}
            async with comfy.session.patch("/internal/logs/subscribe", json=body) as answer:
                assert answer.status == 200
            log.warning("enabled: %s", enabled)
        await comfy.queue(chain("Nap", 320))
        said = await socket.receive_json()
        assert (said["type"], said["data"]["entries"][0]["m"]) == ("logs", "WARNING a pack: enabled: True\n")
        assert (await socket.receive_json())["type"] == "status"
    async with comfy.session.patch("/internal/logs/subscribe", json={"enabled": True}) as answer:
        assert answer.status == 400


# The user's own


async def test_settings_are_merged_and_kept(comfy: Comfy) -> None:
    await comfy.post("/settings", {"Comfy.A": 1, "Comfy.B": "b"})
    await comfy.post("/api/settings/Comfy.A", {"deep": [1, None]})
    settings = {"Comfy.A": {"deep": [1, None]}, "Comfy.B": "b"}
    assert await comfy.get("/settings") == settings
    assert await comfy.get("/settings/Comfy.B") == "b"
    assert await comfy.get("/settings/unknown") is None
    assert json.loads((comfy.root / "user/default/comfy.settings.json").read_text()) == settings


async def test_there_is_one_user(comfy: Comfy) -> None:
    assert await comfy.get("/users") == {"storage": "server", "migrated": True}
    await comfy.post("/users", {"username": "me"}, status=400)


async def test_a_users_files_are_kept_listed_moved_and_deleted(comfy: Comfy) -> None:
    async def send(path: str, content: bytes = b"{}") -> tuple[int, Any]:
        async with comfy.session.post(path, data=content) as answer:
            return answer.status, await answer.json()

    first = "/userdata/workflows%2Fmine.json"
    assert await send(first) == (200, "workflows/mine.json")
    assert (await send(f"{first}?overwrite=false"))[0] == 409
    status, info = await send("/api/userdata/workflows%2Fdeep%2Fother.json?full_info=true", b"[1]")
    assert (status, info["path"], info["size"]) == (200, "workflows/deep/other.json", 3)
    assert await comfy.get("/userdata", dir="workflows", recurse="true") == ["deep/other.json", "mine.json"]
    assert await comfy.get("/userdata", dir="workflows") == ["mine.json"]
    assert await comfy.get("/userdata", dir="workflows", recurse="true", split="true") == [
        ["deep/other.json", "deep", "other.json"], ["mine.json", "mine.json"],
    ]  # fmt: skip
    (told,) = await comfy.get("/userdata", dir="workflows", full_info="true")
    assert told.keys() == {"path", "size", "modified", "created"}
    tree = await comfy.get("/v2/userdata?path=workflows")
    assert {each["path"]: each["type"] for each in tree} == {
        "workflows/deep": "directory",
        "workflows/deep/other.json": "file",
        "workflows/mine.json": "file",
    }
    assert (await fetch(comfy, first))[2] == b"{}"
    moved = "/userdata/workflows%2Fdeep%2Fother.json/move/workflows%2Fmine.json"
    assert (await send(f"{moved}?overwrite=false"))[0] == 409
    assert await send(moved) == (200, "workflows/mine.json")
    assert (await fetch(comfy, first))[2] == b"[1]"
    async with comfy.session.delete(first) as answer:
        assert (answer.status, await answer.read()) == (204, b"")
    for method in (comfy.session.get, comfy.session.delete):
        async with method(first) as answer:
            assert answer.status == 404
    await comfy.get("/userdata", status=400)
    await comfy.get("/userdata", status=404, dir="nothing")


@pytest.mark.parametrize(
    "name", ["..%2Fx", "..%2F..%2Fcustom_nodes%2Fx.py", "%2Fetc%2Fpasswd", "a%00b", "a%5C..%5Cb"]
)
async def test_a_users_files_stay_in_their_folder(comfy: Comfy, running: Running, name: str) -> None:
    for path in (f"/userdata/{name}", f"/userdata/{name.replace('%', '%25')}"):
        url = URL(running.url + path, encoded=True)
        async with comfy.session.post(url, data=b"x") as answer:
            assert answer.status in (400, 403), path


# Sockets


async def test_the_websocket_wants_a_websocket(comfy: Comfy) -> None:
    assert (await fetch(comfy, "/ws"))[0] == 400


async def test_who_gives_no_name_gets_one(comfy: Comfy) -> None:
    async with comfy.session.ws_connect("/ws") as socket:
        said = (await socket.receive_json())["data"]
    assert len(said["sid"]) == 32 and said["status"] == {"exec_info": {"queue_remaining": 0}}


async def test_a_second_socket_of_a_name_takes_the_place_of_the_first(comfy: Comfy) -> None:
    async with comfy.socket() as first:
        await first.receive()
        async with comfy.socket() as second:
            assert (await first.receive()).type is WSMsgType.CLOSE
            await second.receive()
            await second.send_str("nobody reads this")
            await second.send_json({"type": "feature_flags", "data": []})
            assert (await second.receive_json())["type"] == "feature_flags"
            await comfy.queue(chain("Nap", 310))
            while (said := await second.receive_json())["type"] != "execution_start":
                assert said["type"] == "status"
            await comfy.until(0)


async def test_pages_of_others_may_not_send_prompts(comfy: Comfy) -> None:
    headers = {"Origin": "http://evil.example"}
    async with comfy.session.post("/prompt", json={}, headers=headers) as answer:
        assert answer.status == 403
    async with comfy.session.get("/ws", headers={**headers, "Upgrade": "websocket"}) as answer:
        assert answer.status == 403


async def test_sockets_are_told_when_the_server_stops(tmp_path: Path) -> None:
    engine = make_engine(Folders(tmp_path), custom_nodes=False)
    app = create_app(engine, places_of(ROOT, tmp_path))
    add_comfy(app)
    async with TestClient(TestServer(app)) as client:
        socket = await client.ws_connect("/ws")
        assert (await socket.receive()).type is WSMsgType.TEXT
        goodbye = asyncio.create_task(socket.receive())
        await client.server.close()
        assert ((await goodbye).type, socket.close_code) == (WSMsgType.CLOSE, 1001)


def test_every_route_is_in_the_documentation() -> None:
    page = (ROOT / "docs/compat.md").read_text("utf-8")
    missing = [path for _, path, _ in ROUTES if f"/{path.split('/')[1]}" not in page]
    assert missing == []
