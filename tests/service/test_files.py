"""Files: pictures out, uploads in, and no way out of the folders."""

import hashlib
import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from service.engine import Engine
from service.files import UPLOAD_BYTES, receive, settle
from service.guard import answer_refusals
from service.protocol import answer
from tests.service.conftest import OPEN_SOCKET, Service, chain, listen


def png(width: int = 64, height: int = 48, colour: tuple[int, ...] = (200, 30, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB" if len(colour) == 3 else "RGBA", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


def put(service: Service, path: str, content: bytes) -> Path:
    target = service.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


async def send(
    service: Service, content: bytes, name: str = "cat.png", **fields: str
) -> tuple[int, dict[str, Any]]:
    form = FormData(quote_fields=False)
    form.add_field("file", io.BytesIO(content), filename=name)
    for field, value in fields.items():
        form.add_field(field, value)
    async with service.client.post("/api/v1/uploads", data=form) as answer:
        return answer.status, await answer.json()


async def test_a_picture_of_a_run_is_served_as_what_it_is(service: Service) -> None:
    workflow = chain("Nap", value=9)
    workflow["nodes"][2]["type"] = "Picture"
    heard = await service.run(workflow)
    (artifact,) = heard.durable[-2]["artifacts"]
    picture = {"kind": "image", "folder": "output", "name": "picture_9.png", "width": 64, "height": 48}
    digest = hashlib.blake2b((service.root / "output/picture_9.png").read_bytes(), digest_size=16)
    assert artifact == {**picture, "digest": digest.hexdigest()}
    async with service.client.get("/api/v1/files/output/picture_9.png") as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert Image.open(io.BytesIO(await answer.read())).size == (64, 48)
        tag = answer.headers["ETag"]
    async with service.client.get(
        "/api/v1/files/output/picture_9.png", headers={"If-None-Match": tag}
    ) as again:
        assert again.status == 304


async def test_a_preview_is_a_small_webp_that_the_browser_may_keep(service: Service) -> None:
    put(service, "output/sub/wide.png", png(1000, 500, (10, 200, 30, 128)))
    async with service.client.get("/api/v1/files/output/sub/wide.png?preview=100") as answer:
        assert (answer.status, answer.content_type) == (200, "image/webp")
        small = Image.open(io.BytesIO(await answer.read()))
        assert (small.size, small.mode) == ((100, 50), "RGBA")
        headers = {"If-None-Match": answer.headers["ETag"]}
    async with service.client.get("/api/v1/files/output/sub/wide.png?preview=100", headers=headers) as again:
        assert again.status == 304


async def test_a_preview_stands_upright_and_keeps_deep_greys(service: Service) -> None:
    lying, deep = Image.new("RGB", (60, 40), (200, 30, 30)), Image.new("I;16", (40, 30), 0x4040)
    orientation = lying.getexif()
    orientation[0x0112] = 6  # a quarter to the right
    (service.root / "input").mkdir(exist_ok=True)
    lying.save(service.root / "input/lying.jpg", exif=orientation)
    deep.save(service.root / "input/deep.png")
    seen = []
    for name in ("lying.jpg", "deep.png"):
        async with service.client.get(f"/api/v1/files/input/{name}?preview=64") as answer:
            seen.append(Image.open(io.BytesIO(await answer.read())))
    assert [small.size for small in seen] == [(40, 60), (40, 30)]
    grey = seen[1].getpixel((20, 15))
    assert isinstance(grey, tuple) and all(abs(value - 64) <= 2 for value in grey)


@pytest.mark.parametrize("size", ["0", "15", "1025", "-5", "x", "", "99999999999999999999", "²"])
async def test_a_preview_of_a_strange_size_is_refused(service: Service, size: str) -> None:
    put(service, "output/a.png", png())
    async with service.client.get("/api/v1/files/output/a.png", params={"preview": size}) as answer:
        assert (answer.status, (await answer.json())["problems"][0]["code"]) == (400, "wrong_preview")


@pytest.mark.parametrize("content", [b"no picture at all", png()[:60], b""], ids=["text", "torn", "empty"])
async def test_a_preview_of_what_is_no_picture_is_refused(service: Service, content: bytes) -> None:
    put(service, "output/a.png", content)
    async with service.client.get("/api/v1/files/output/a.png?preview=64") as answer:
        assert (answer.status, (await answer.json())["problems"][0]["code"]) == (422, "not_a_picture")


async def test_a_picture_that_would_fill_the_memory_is_not_decoded(service: Service) -> None:
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    put(
        service,
        "output/bomb.png",
        bomb + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT")),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        async with service.client.get("/api/v1/files/output/bomb.png?preview=64") as answer:
            assert answer.status == 422


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "script.js", "thing.bin"])
async def test_what_could_run_as_a_page_is_only_a_download(service: Service, name: str) -> None:
    put(service, f"output/{name}", b"<script>alert(1)</script>")
    async with service.client.get(f"/api/v1/files/output/{name}") as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"


@pytest.mark.parametrize(
    "path",
    [
        "output/../user/log.sqlite",
        "output/%2e%2e/user/log.sqlite",
        "output/..%2fuser/log.sqlite",
        "output/%2fetc/passwd",
        "output/..%5cuser",
        "output/link/log.sqlite",
        "output/.hidden.png",
        "output/missing.png",
        "output/a%00.png",
        "output/" + "x" * 5000,
        "user/log.sqlite",
        "models/checkpoints",
        "output/sub",
    ],
)
async def test_nothing_outside_the_working_folders_is_served(service: Service, path: str) -> None:
    put(service, "output/.hidden.png", png())
    put(service, "output/sub/a.png", png())
    (service.root / "output/link").symlink_to(service.root / "user")
    url = service.client.make_url("/").with_path(f"/api/v1/files/{path}", encoded=True)
    async with service.client.session.get(url) as answer:
        assert answer.status in (400, 404)
        assert (await answer.json())["problems"]


async def test_an_upload_keeps_its_name_and_the_pickers_hear_of_it(service: Service) -> None:
    async with service.client.ws_connect(OPEN_SOCKET.format(0)) as socket:
        assert await send(service, png()) == (201, {"folder": "input", "name": "cat.png"})
        await listen(socket, until="CatalogChanged")
    assert (service.root / "input/cat.png").read_bytes() == png()
    assert await send(service, png(), subfolder="pets/old") == (
        201,
        {"folder": "input", "name": "pets/old/cat.png"},
    )
    assert list((service.root / "temp").iterdir()) == []


async def test_an_upload_never_overwrites_other_content(service: Service) -> None:
    assert (await send(service, png()))[1]["name"] == "cat.png"
    assert (await send(service, png(colour=(1, 2, 3))))[1]["name"] == "cat_1.png"
    assert (await send(service, png()))[1]["name"] == "cat.png"
    assert (await send(service, png(colour=(1, 2, 3))))[1]["name"] == "cat_1.png"
    assert sorted(path.name for path in (service.root / "input").iterdir()) == ["cat.png", "cat_1.png"]
    assert (service.root / "input/cat.png").read_bytes() == png()


async def test_an_upload_may_have_other_fields_and_names_where_a_protocol_says_so(
    engine: Engine, root: Path
) -> None:
    heard: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        async with receive(request, engine.folders, file="image", texts=None) as received:
            heard.append(received.fields)
            target = engine.folders.resolve("input", received.name)
            return answer({"name": settle(received, target, "{stem} ({number}){suffix}").name})

    async def send_image(client: TestClient[Any, Any], content: bytes, **fields: str) -> tuple[int, Any]:
        form = FormData(fields, quote_fields=False)
        form.add_field("image", content, filename="a{0}.png")
        async with client.post("/take", data=form) as said:
            return said.status, await said.json()

    app = web.Application(middlewares=[answer_refusals])
    app.router.add_post("/take", take)
    async with TestClient(TestServer(app)) as client:
        assert await send_image(client, b"1", overwrite="true") == (200, {"name": "a{0}.png"})
        assert await send_image(client, b"2", type="input") == (200, {"name": "a{0} (1).png"})
        assert await send_image(client, b"2") == (200, {"name": "a{0} (1).png"})
        status, said = await send_image(client, b"3", **{f"f{number}": "" for number in range(33)})
        assert (status, said["problems"][0]["code"]) == (400, "malformed_upload")
    assert heard == [{"overwrite": "true"}, {"type": "input"}, {}]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("../evil.png", {}),
        ("..\\evil.png", {}),
        ("/tmp/evil.png", {}),
        ("a/b.png", {}),
        ("..", {}),
        (".bashrc", {}),
        ("evil\u202e.png", {}),
        ("x" * 300 + ".png", {}),
        ("evil.png", {"subfolder": "../output"}),
        ("evil.png", {"subfolder": "/tmp"}),
        ("evil.png", {"subfolder": "a/../../.."}),
        ("evil.png", {"subfolder": "..\\..\\output"}),
        ("evil.png", {"subfolder": "way_out"}),
        ("evil.png", {"subfolder": "taken.txt"}),
        ("evil.png", {"folder": "output"}),
        ("evil.png", {"folder": "../custom_nodes"}),
        ("evil.png", {"folder": "checkpoints"}),
    ],
)
async def test_an_upload_outside_its_folder_is_refused(
    service: Service, name: str, fields: dict[str, str]
) -> None:
    put(service, "input/taken.txt", b"text")
    (service.root / "input/way_out").symlink_to(service.root / "custom_nodes")
    before = sorted(service.root.rglob("*"))
    status, answer = await send(service, png(), name, **fields)
    assert (status, answer["problems"][0]["severity"]) == (400, "error")
    after = sorted(path for path in service.root.rglob("*") if path.name != "temp")
    assert after == [path for path in before if path.name != "temp"]
    assert not Path("/tmp/evil.png").exists()
    assert (await send(service, png()))[0] == 201


async def test_a_large_upload_arrives_whole(service: Service) -> None:
    content = bytes(range(256)) * 2**10 * 80  # 20 MB, more than any JSON may be
    assert await send(service, content, "large.png") == (201, {"folder": "input", "name": "large.png"})
    assert (service.root / "input/large.png").read_bytes() == content


async def test_an_upload_that_is_too_large_is_refused_by_its_announced_size(service: Service) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(UPLOAD_BYTES * 2)}
    async with service.client.post("/api/v1/uploads", data=b"", headers=headers) as answer:
        assert (answer.status, (await answer.json())["problems"][0]["code"]) == (413, "too_large")


async def test_an_upload_that_grows_too_large_is_cut_off(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.files.UPLOAD_BYTES", 100_000)

    async def body():  # type: ignore[no-untyped-def]  # an unannounced size: chunks
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        for _ in range(50):
            yield b"x" * 10_000
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with service.client.post("/api/v1/uploads", data=body(), headers=headers) as answer:
        assert (answer.status, (await answer.json())["problems"][0]["code"]) == (413, "too_large")
    assert list((service.root / "temp").iterdir()) == []
    assert (await send(service, png()))[0] == 201


FORM = "multipart/form-data; boundary=b"


def part(head: str, body: bytes, *, end: bytes = b"\r\n--b--\r\n") -> bytes:
    return f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body + end


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--b\r\n"),
        (FORM, b""),
        (FORM, b"nonsense"),
        (FORM, b"--b\r\n[{'no': header}]\r\n--b--\r\n"),
        (FORM, b"--b\r\n\r\nx\r\n--b--\r\n"),
        (FORM, part('name="other"', b"x")),
        (FORM, part('name="folder"', b"input")),
        (FORM, part('name="folder"', b"\xff\xfe")),
        (FORM, part('name="folder"', b"x" * 5000)),
        (FORM, part('name="file"; filename="a.png"', b"torn", end=b"")),
        (FORM, part('name="file"; filename=""', b"x")),
        (FORM, part('name="file"', b"x")),
        (FORM, b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n"),
    ],
)
async def test_a_malformed_upload_is_refused(service: Service, content_type: str, body: bytes) -> None:
    async with service.client.post(
        "/api/v1/uploads", data=body, headers={"Content-Type": content_type}
    ) as answer:
        assert answer.status in (400, 413, 415)
        assert (await answer.json())["problems"]
    assert not (service.root / "input").exists()
