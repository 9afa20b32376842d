"""Files of every kind that carry a workflow."""

import io
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from compat.export import write_api_prompt
from compat.object_info import known_nodes
from compat.reading import read_file, read_value
from graph.workflow import read_document

FILES = Path(__file__).resolve().parent.parent / "data/comfy_workflows"
INFO = known_nodes()
PAIR = "inpaint_inpaint_example.png.json"
GRAPH = (FILES / "ui" / PAIR).read_text("utf-8")
PROMPT = json.loads((FILES / "converted" / PAIR).read_text("utf-8"))
INFOTEXT = (
    "a castle, <lora:old stone:0.8>\non a hill\nNegative prompt: fog\nSteps: 30, Sampler: DPM++ 2M Karras, "
    "CFG scale: 6.5, Seed: 18446744073709551615, Size: 640x512, Model: castles, Clip skip: 2, "
    'Denoising strength: 0.5, Hires upscale: 2, Lora hashes: "old stone: 1234", Version: v1.10'
)


def picture(kind: str, **texts: str) -> bytes:
    image, file = Image.new("RGB", (8, 8)), io.BytesIO()
    if kind == "PNG":
        chunks = PngInfo()
        for name, text in texts.items():
            chunks.add_text(name, text)
        image.save(file, kind, pnginfo=chunks)
        return file.getvalue()
    exif = Image.Exif()
    for tag, (name, text) in zip((0x010F, 0x0110), texts.items(), strict=False):
        if name == "parameters":
            exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode("utf-16-be")
        else:
            exif[tag] = f"{name}:{text}"
    image.save(file, kind, exif=exif)
    return file.getvalue()


def model_file(**texts: str) -> bytes:
    header = json.dumps({"__metadata__": texts}).encode()
    return struct.pack("<Q", len(header)) + header + b"\0" * 16


@pytest.mark.parametrize(
    "path", sorted(FILES.glob("[ua]*/*.json")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_every_saved_file_loads(path: Path) -> None:
    document, problems = read_file(path.read_bytes(), INFO)
    workflow, wrong = read_document(document)
    assert workflow is not None
    assert (wrong, problems) == ((), ())
    assert len({node.id for node in workflow.nodes}) == len(workflow.nodes)


@pytest.mark.parametrize("path", sorted(FILES.glob("api/*.json")), ids=lambda path: path.name)
def test_a_prompt_survives_import_and_export(path: Path) -> None:
    given = json.loads(path.read_text("utf-8"))
    exported = write_api_prompt(read_file(path.read_bytes(), INFO).document, INFO)
    assert list(exported) == list(given)
    for own, node in given.items():
        known = INFO[node["class_type"]]
        kept = {name: value for name, value in node["inputs"].items() if known.input(name)}
        assert exported[own]["inputs"] == kept
        assert exported[own]["class_type"] == node["class_type"]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_picture_gives_the_graph_that_made_it(kind: str) -> None:
    document = read_file(picture(kind, workflow=GRAPH, prompt=json.dumps(PROMPT)), INFO).document
    assert document is not None and document["comfy"]["version"] == 0.4
    assert write_api_prompt(document, INFO) == PROMPT


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_picture_without_a_graph_gives_its_prompt(kind: str) -> None:
    document = read_file(picture(kind, prompt=json.dumps(PROMPT)), INFO).document
    assert write_api_prompt(document, INFO) == PROMPT


def test_a_model_file_gives_the_graph_that_made_it() -> None:
    assert write_api_prompt(read_file(model_file(workflow=GRAPH), INFO).document, INFO) == PROMPT


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG", "text"])
def test_an_infotext_becomes_the_workflow_that_it_describes(kind: str) -> None:
    data = INFOTEXT.encode() if kind == "text" else picture(kind, parameters=INFOTEXT)
    document = read_file(data, INFO).document
    made: Any = {own: node["inputs"] for own, node in write_api_prompt(document, INFO).items()}
    assert made["loader"] == {"ckpt_name": "castles.safetensors"}
    assert made["lora_1"]["lora_name"] == "old stone.safetensors"
    assert made["lora_1"]["strength_model"] == 0.8
    encoded = {"clip": ["clip_skip", 0], "steps": 30, "emphasis": "original"}
    assert made["prompt"] == {"text": "a castle, \non a hill", **encoded}
    assert made["negative"]["text"] == "fog"
    assert made["latent"] == {"width": 640, "height": 512, "batch_size": 1}
    noise = {"noise_seed": 2**64 - 1, "profile": "a1111", "source": "nv"}
    varied = {"variation_seed": 0, "variation_strength": 0.0, "eta_noise_seed_delta": 0}
    assert made["noise"] == {**noise, **varied}
    assert made["method"] == made["hires_method"] == {"sampler_name": "dpmpp_2m"}
    levels = {"model": ["lora_1", 0], "scheduler": "karras", "steps": 30}
    assert made["levels"] == {**levels, "denoise": 1.0}
    assert made["hires_levels"] == {**levels, "denoise": 0.5}
    assert (made["guider"]["cfg"], made["enlarge"]["width"]) == (6.5, 1280)
    assert made["hires"]["latent_image"] == ["enlarge", 0]
    assert made["decode"]["samples"] == ["hires", 0]


def test_what_a_type_does_not_know_is_left_out_and_a_list_is_unwrapped() -> None:
    prompt = {
        "1": {
            "class_type": "LoadImage",
            "inputs": {"image": "a.png", "choose file": "image"},
            "is_changed": ["x"],
        },
        "2": {"class_type": "Strange", "inputs": {"any": {"__value__": ["1", 0]}, "picture": ["1", 1]}},
    }
    document = read_value(prompt, INFO).document  # type: ignore[union-attr]
    assert [node["inputs"] for node in document["nodes"]] == [{"image": "a.png"}, {"any": ["1", 0]}]
    assert document["links"] == [{"from": ["1", "MASK"], "to": ["2", "picture"]}]
    assert write_api_prompt(document, INFO)["2"]["inputs"] == prompt["2"]["inputs"]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["0", "1", "-10"]),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
NAMES = "id type mode inputs outputs pos size properties widgets_values flags title link name widget"
nodes = st.dictionaries(st.sampled_from(NAMES.split()), anything, max_size=8)
kinds = st.sampled_from(
    ["Reroute", "PrimitiveNode", "SetNode", "GetNode", "Note", "KSampler", "sub", "workflow>g", "X"]
)
likely = st.builds(
    lambda node, own, kind, slot: {
        "inputs": [{"name": "a", "type": "*", "link": slot}], "outputs": [{"name": "b"}], **node,
        "id": own, "type": kind,
    },
    nodes, st.integers(0, 4), kinds, st.integers(0, 3),
)  # fmt: skip
links = st.lists(st.tuples(*[st.integers(-20, 4)] * 5, st.just("X")).map(list) | anything, max_size=6)
graphs = st.fixed_dictionaries({"nodes": st.lists(likely | anything, max_size=5), "links": links})


@st.composite
def whole_graphs(draw: st.DrawFn) -> dict[str, Any]:
    graph = draw(graphs)
    inner = draw(graphs)
    ends = [{"name": "a", "type": "*"}]
    graph["definitions"] = {
        "subgraphs": [{**inner, "id": "sub", "name": "s", "inputs": ends, "outputs": ends}]
    }
    graph["extra"] = draw(st.just({"groupNodes": {"g": inner}}) | anything)
    graph["groups"] = draw(st.lists(st.fixed_dictionaries({"bounding": anything}) | anything, max_size=2))
    return graph


@settings(max_examples=60, deadline=None)
@given(whole_graphs() | st.dictionaries(st.text(max_size=3), anything | nodes) | anything)
def test_no_json_breaks_the_import(value: Any) -> None:
    imported = read_value(value, INFO)
    if imported is not None and imported.document is not None and "format" not in value:
        workflow, problems = read_document(imported.document)
        assert workflow is not None and problems == ()
        json.dumps(imported.document)
        write_api_prompt(imported.document, INFO)


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1", b"RIFF0000WEBPEXIF", b""]),
)
def test_no_bytes_break_the_reading(data: bytes, head: bytes) -> None:
    imported = read_file(head + data, INFO)
    assert imported.document is not None or imported.problems


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_no_torn_picture_breaks_the_reading(kind: str) -> None:
    whole = picture(kind, workflow='{"nodes": [], "links": []}', parameters=INFOTEXT)
    for end in range(len(whole)):
        read_file(whole[:end], INFO)
