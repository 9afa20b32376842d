"""Files with the names and shapes of published ones and no weights, and plans over them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from graph.patch import apply_patch
from graph.plan import Plan, plan
from graph.problems import Problem
from graph.workflow import read_document
from tests.diffusion.checkpoint.sparse import sparse
from tests.diffusion.golden import manifest
from tests.graph.sample import document
from tests.nodes.bench import Bench, template

FILES = {
    "checkpoints/sd1.safetensors": "sd-v1-5-emaonly",
    "checkpoints/sd1-inpaint.safetensors": "sd-v1-5-inpainting",
    "checkpoints/sd2.safetensors": "sd-v2-1-512-and-768",
    "checkpoints/sd2-depth.safetensors": "sd-v2-depth",
    "checkpoints/x4.safetensors": "x4-upscaler",
    "checkpoints/lora.safetensors": "lora-kohya-sd1-rank4",
    "diffusion_models/sd1.safetensors": "diffusers-unet-sd1",
    "diffusion_models/sd2.safetensors": "diffusers-unet-sd2",
    "loras/sd1.safetensors": "lora-kohya-sd1-rank4",
    "loras/sd2.safetensors": "lora-kohya-sd2-rank4",
    "vae/sd.safetensors": "vae-ft-mse-840000-ldm",
    "vae/x4.safetensors": "vae-x4-upscaler-ldm",
    "controlnet/sd1.safetensors": "controlnet-sd15",
    "upscale_models/x4.safetensors": "realesrgan-x4plus",
}
LOADER = "CheckpointLoaderSimple"
Planned = Callable[[dict[str, Any]], Plan]


def fill(root: Path) -> None:
    """Put files with the published names and shapes into a folder's models, and pictures into its input."""
    for name, published in FILES.items():
        path = root / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sparse(path, manifest(published))
    with (root / "models/checkpoints/sd1.safetensors").open("rb") as whole:
        (root / "models/checkpoints/cut.safetensors").write_bytes(whole.read(300_000))
    (root / "input").mkdir()
    Image.new("RGB", (500, 300)).save(root / "input/odd.png")
    Image.new("RGB", (512, 320)).save(root / "input/even.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 32)).save(root / "input/turned.jpg", exif=exif)
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green")]
    frames[0].save(root / "input/moving.gif", save_all=True, append_images=frames[1:])
    (root / "input/broken.png").write_bytes(b"no picture")


def planner(bench: Bench) -> Planned:
    """Plans documents over the files of a bench."""

    def make(given: dict[str, Any]) -> Plan:
        workflow, problems = read_document(given)
        assert workflow is not None and not problems
        return plan(workflow, bench.registry, folders=bench.folders, cache=bench.cache)

    return make


def text_to_image(checkpoint: str, **size: object) -> dict[str, Any]:
    """The first workflow with a model of a kind."""
    given = template("text_to_image")
    for node in given["nodes"]:
        node["inputs"].update(
            {"loader": {"ckpt_name": f"{checkpoint}.safetensors"}, "size": size}.get(node["id"], {})
        )
    return given


def with_nodes(
    given: dict[str, Any], nodes: dict[str, tuple[str, dict[str, object]]], *links: str
) -> dict[str, Any]:
    """The document with more nodes, and links in place of what led there."""
    more = document(nodes, *links)
    given["nodes"] += more["nodes"]
    for link in more["links"]:
        given["links"] = [each for each in given["links"] if each["to"] != link["to"]] + [link]
    return given


def only(found: Plan) -> Problem:
    (problem,) = found.problems
    return problem


def repaired(planned: Planned, given: dict[str, Any], problem: Problem) -> Plan:
    """The plan after the problem's one fix; the document still has all that it had."""
    (fix,) = problem.fixes
    after = apply_patch(given, fix.patch)
    assert {node["id"] for node in given["nodes"]} <= {node["id"] for node in after["nodes"]}
    found = planned(after)
    assert found.problems == ()
    return found
