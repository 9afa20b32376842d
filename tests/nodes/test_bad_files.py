"""Files that are not what a loader needs, through every node that reads any: each ends in a Problem."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from graph.events import Event, StepFailed, StepWarned
from graph.folders import WORKING
from graph.plan import plan
from graph.problems import Problem
from graph.widgets import File
from graph.workflow import read_document
from tests.diffusion.checkpoint import test_diffusers_folder as diffusers_folder
from tests.diffusion.checkpoint.test_files import Exploit
from tests.diffusion.golden import Golden
from tests.diffusion.models.test_hed import published as published_edges
from tests.diffusion.test_depth import tiny as tiny_depth
from tests.graph.sample import document
from tests.nodes import tiny
from tests.nodes.bench import ROOT, Bench, changed, template
from tests.nodes.test_control import controlnet_weights
from tests.nodes.test_features import write_hypernetwork

CHECKPOINT = "tiny.safetensors"
SIZE = {"width": 64, "height": 64}
PICKLED = (".ckpt", ".pt", ".bin", ".pth")


@dataclass(frozen=True)
class Reader:
    """A node that reads a file, the input that names it, and the folder where it lies."""

    type_id: str
    input: str
    folder: str
    beside: tuple[str, ...] = ()
    """Further inputs, each linked to the output of its name."""
    text: str = "{}"
    """The literal that names the file; in texts, names stand among words and without their endings."""

    def __str__(self) -> str:
        return self.type_id


READERS = (
    Reader("CheckpointLoaderSimple", "ckpt_name", "checkpoints"),
    Reader("CheckpointLoader", "ckpt_name", "checkpoints"),
    Reader("CheckpointLoaderWeights", "ckpt_name", "checkpoints"),
    Reader("DepthModelFromCheckpoint", "ckpt_name", "checkpoints"),
    Reader("UNETLoader", "unet_name", "diffusion_models"),
    Reader("CLIPLoader", "clip_name", "text_encoders"),
    Reader("VAELoader", "vae_name", "vae"),
    Reader("LoraLoader", "lora_name", "loras", ("model", "clip")),
    Reader("LoraLoaderModelOnly", "lora_name", "loras", ("model",)),
    Reader("LoraTagLoader", "text", "loras", ("model", "clip"), "a fox <lora:{}:1>"),
    Reader("CLIPTextEncode", "text", "embeddings", ("clip",), "a fox, embedding:{}"),
    Reader("PromptEncodeA1111", "text", "embeddings", ("clip",), "a fox, {}"),
    Reader("HypernetworkLoader", "hypernetwork_name", "hypernetworks", ("model",)),
    Reader("ControlNetLoader", "control_net_name", "controlnet"),
    Reader("DiffControlNetLoader", "control_net_name", "controlnet", ("model",)),
    Reader("UpscaleModelLoader", "model_name", "upscale_models"),
    Reader("DepthModelLoader", "model_name", "depth"),
    Reader("EdgeModelLoader", "model_name", "edges"),
    Reader("SafetyModelLoader", "model_name", "safety"),
    Reader("ClassifierLoader", "classifier_name", "classifiers"),
    Reader("PersonMask", "model_name", "segmentation", ("image",)),
)
ENDS = {"model": "loader.MODEL", "clip": "loader.CLIP", "image": "picture.IMAGE"}
readers = pytest.mark.parametrize("reader", READERS, ids=str)


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One engine and one tiny checkpoint for all of these files."""
    root = tmp_path_factory.mktemp("files")
    tiny.write_checkpoint(root / "models/checkpoints" / CHECKPOINT)
    made = Bench(root)
    yield made
    made.executor.close()


def place(bench: Bench, reader: Reader, suffix: str, name: str = "given") -> Path:
    """Where a file for a node is to lie; there is no other of its name."""
    folder = bench.root / "models" / reader.folder
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}.*"):
        old.unlink()
    return folder / f"{name}{suffix}"


def told_of(bench: Bench, reader: Reader, path: Path) -> list[Problem]:
    """What is said of a node's file: by the plan, if its header tells, else by the run."""
    name = path.name if reader.text == "{}" else path.stem
    nodes = {
        "loader": ("CheckpointLoaderSimple", {"ckpt_name": CHECKPOINT}),
        "picture": ("EmptyImage", {"width": 32, "height": 32}),
        "node": (reader.type_id, {reader.input: reader.text.format(name)}),
    }
    links = [f"{ENDS[given]} > node.{given}" for given in reader.beside]
    workflow, _ = read_document(document(nodes, *links))
    assert workflow is not None
    planned = plan(workflow, bench.registry, targets=["node"], folders=bench.folders, cache=bench.cache)
    events: list[Event] = []
    if planned.ok:
        bench.executor.run(planned, run_id="r", emit=events.append)
    return [event.problem for event in events if isinstance(event, StepFailed)] or [*planned.problems]


def problem_of(bench: Bench, reader: Reader, path: Path) -> Problem:
    """The one thing that is said: where, what was wrong, and what helps."""
    (problem,) = told_of(bench, reader, path)
    assert (problem.node, problem.input, problem.severity) == ("node", reader.input, "error")
    assert problem.remedy and "Traceback" not in problem.message
    return problem


def test_every_node_that_reads_weights_is_here(workbench: Bench) -> None:
    reading = {
        (node_type.id, given.name)
        for node_type in workbench.registry.types.values()
        for given in node_type.inputs
        if isinstance(given.widget, File) and given.widget.kind not in (*WORKING, "diffusers")
    }
    assert reading <= {(reader.type_id, reader.input) for reader in READERS}


@readers
@pytest.mark.parametrize("suffix", PICKLED)
@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_code_in_a_file_is_refused_and_not_run(
    workbench: Bench, reader: Reader, suffix: str, legacy: bool
) -> None:
    path, canary = place(workbench, reader, suffix), workbench.root / "canary"
    content = {"state_dict": {"a": torch.ones(2)}, "extra": Exploit(canary)}
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    problem = problem_of(workbench, reader, path)
    assert problem.code == "unsafe_file" and "It was not run" in problem.remedy
    assert not canary.exists()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", ["unet/diffusion_pytorch_model", "text_encoder/pytorch_model"])
def test_code_in_a_folder_is_refused_and_not_run(workbench: Bench, part: str) -> None:
    reader, canary = Reader("DiffusersLoader", "model_path", "diffusers"), workbench.root / "canary"
    folder = workbench.root / "models/diffusers" / part.partition("/")[0]
    diffusers_folder.make(folder)
    for path in (folder / part).parent.glob("*.safetensors"):
        path.unlink()
    torch.save({"a": torch.ones(2), "extra": Exploit(canary)}, folder / f"{part}.bin")
    problem = problem_of(workbench, reader, folder)
    assert problem.code == "unsafe_file" and not canary.exists()


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_bad_preview_decoder_is_told_and_stops_no_sampling(workbench: Bench, suffix: str) -> None:
    """Its code is not run; plain colours show the steps."""
    canary = workbench.root / "canary"
    path = workbench.root / "models/vae_approx" / f"{Path(CHECKPOINT).stem}{suffix}"
    path.parent.mkdir(exist_ok=True)
    torch.save({"a": torch.ones(2), "extra": Exploit(canary)}, path)
    document = changed(template("text_to_image"), loader={"ckpt_name": CHECKPOINT}, size=SIZE)
    ran = workbench.run(changed(document, sampler={"steps": 1, "seed": len(suffix)}))
    path.unlink()
    assert ran.finished.status == "succeeded" and ran.previews and not canary.exists()
    (warned,) = ran.of(StepWarned)
    assert (warned.step, warned.problem.code) == ("sampler", "preview_decoder_failed")
    assert path.name in warned.problem.message and "models/vae_approx" in warned.problem.remedy


@readers
def test_code_behind_a_safe_name_is_refused_and_not_run(workbench: Bench, reader: Reader) -> None:
    path, canary = place(workbench, reader, ".safetensors"), workbench.root / "canary"
    torch.save({"state_dict": {"a": torch.ones(2)}, "extra": Exploit(canary)}, path)
    assert problem_of(workbench, reader, path).code == "mislabelled_file"
    assert not canary.exists()


@readers
@pytest.mark.parametrize(
    ("content", "given"),
    [
        (b"", "an empty file"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"version https://git-lfs.github", "git-lfs"),
    ],
    ids=["empty", "page", "pointer"],
)
def test_what_is_no_file_of_weights_is_named(
    workbench: Bench, reader: Reader, content: bytes, given: str
) -> None:
    path = place(workbench, reader, ".safetensors")
    path.write_bytes(content)
    problem = problem_of(workbench, reader, path)
    assert given in problem.message and problem.code in ("damaged_file", "mislabelled_file")


@readers
def test_weights_of_something_else_are_refused(workbench: Bench, reader: Reader) -> None:
    path = place(workbench, reader, ".safetensors")
    save_file({"some.layer.weight": torch.ones(2, 3, 4), "some.layer.bias": torch.ones(3)}, path)
    problem = problem_of(workbench, reader, path)
    assert problem.code in ("unknown_architecture", "mismatched_weights", "unsuitable", "mislabelled_file")


@readers
def test_a_file_that_ends_early_is_refused(workbench: Bench, reader: Reader) -> None:
    path = place(workbench, reader, ".safetensors")
    save_file({"a.weight": torch.ones(100)}, path)
    path.write_bytes(path.read_bytes()[:-10])
    problem = problem_of(workbench, reader, path)
    assert problem.code == "damaged_file" and "download the file again" in problem.remedy


# Numbers that are none


def first_of(tensors: dict[str, Tensor], value: float) -> dict[str, Tensor]:
    """The tensors with one number of the first of them replaced."""
    name = next(name for name, tensor in tensors.items() if tensor.ndim)
    broken = tensors[name].clone()
    broken.view(-1)[0] = value
    return tensors | {name: broken}


def lora() -> dict[str, Tensor]:
    key = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"
    return {f"{key}.lora_up.weight": torch.ones(64, 2), f"{key}.lora_down.weight": torch.ones(2, 64)}


def shipped(name: str) -> dict[str, Tensor]:
    return load_file(ROOT / "models" / name)


WHOLE: dict[str, Callable[[], dict[str, Tensor]]] = {
    "LoraLoader": lora,
    "LoraLoaderModelOnly": lora,
    "LoraTagLoader": lora,
    "CLIPTextEncode": lambda: {"emb_params": torch.ones(2, tiny.TEXT.width)},
    "PromptEncodeA1111": lambda: {"emb_params": torch.ones(2, tiny.TEXT.width)},
    "ControlNetLoader": lambda: controlnet_weights(1),
    "DepthModelLoader": lambda: dict(tiny_depth().state_dict()),
    "EdgeModelLoader": published_edges,
    "UpscaleModelLoader": lambda: Golden("tiny_rrdb_x4").weights,
    "SafetyModelLoader": lambda: shipped("safety/nsfwjs_mobilenet_v2.safetensors"),
    "PersonMask": lambda: shipped("segmentation/selfie_segmentation.safetensors"),
}
"""Files that are as they should be, by the node that reads them."""


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("reader", [each for each in READERS if each.type_id in WHOLE], ids=str)
def test_weights_that_are_no_numbers_are_refused(workbench: Bench, reader: Reader, value: float) -> None:
    path = place(workbench, reader, ".safetensors")
    whole = {name: tensor.contiguous() for name, tensor in WHOLE[reader.type_id]().items()}
    save_file(whole, path)
    assert told_of(workbench, reader, path) == []
    save_file(first_of(whole, value), path)
    problem = problem_of(workbench, reader, path)
    assert "NaN or infinity" in problem.message or "infinities or not-a-numbers" in problem.message


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_hypernetwork_of_no_numbers_is_refused(workbench: Bench, value: float) -> None:
    (reader,) = (each for each in READERS if each.type_id == "HypernetworkLoader")
    path = place(workbench, reader, ".pt")
    write_hypernetwork(path, tiny.UNET.context_dim)
    assert told_of(workbench, reader, path) == []
    write_hypernetwork(path, tiny.UNET.context_dim, gain=value)
    assert "infinities or not-a-numbers" in problem_of(workbench, reader, path).message


# What fits no model here


def test_a_hypernetwork_of_an_unknown_activation_names_those_that_are_known(workbench: Bench) -> None:
    (reader,) = (each for each in READERS if each.type_id == "HypernetworkLoader")
    path, width = place(workbench, reader, ".pt"), tiny.UNET.context_dim
    state = dict(torch.nn.Sequential(torch.nn.Linear(width, width)).state_dict())
    layers = {f"linear.{name}": tensor for name, tensor in state.items()}
    settings = {"layer_structure": [1, 1], "activation_func": "quartic"}
    torch.save({width: (layers, layers), **settings}, path)
    problem = problem_of(workbench, reader, path)
    assert "the activation 'quartic'" in problem.message and "relu" in problem.message


@pytest.mark.parametrize("type_id", ["LoraLoader", "LoraLoaderModelOnly", "LoraTagLoader"])
def test_a_lora_for_another_architecture_is_refused(workbench: Bench, type_id: str) -> None:
    (reader,) = (each for each in READERS if each.type_id == type_id)
    path = place(workbench, reader, ".safetensors")
    flux = "lora_unet_double_blocks_0_img_attn_proj"
    save_file(
        {f"{flux}.lora_up.weight": torch.ones(64, 2), f"{flux}.lora_down.weight": torch.ones(2, 64)}, path
    )
    problem = problem_of(workbench, reader, path)
    assert problem.code == "unsuitable" and "made for the kind of model" in problem.remedy


@pytest.mark.parametrize("type_id", ["CLIPTextEncode", "PromptEncodeA1111"])
def test_an_embedding_of_the_wrong_width_is_refused(workbench: Bench, type_id: str) -> None:
    (reader,) = (each for each in READERS if each.type_id == type_id)
    path = place(workbench, reader, ".safetensors")
    save_file({"emb_params": torch.ones(2, 768)}, path)
    problem = problem_of(workbench, reader, path)
    assert problem.code == "embedding_mismatch"
    assert "made for Stable Diffusion 1 (768 numbers a token), the text encoder is of 16" in problem.message


@pytest.mark.parametrize("type_id", ["CheckpointLoaderSimple", "VAELoader"])
@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("decoder.conv_in.weight", (32, 16, 3, 3), "16 latent channels"),
        ("post_quant_conv.weight", (4, 8, 1, 1), "latents have 8 channels"),
        ("encoder.conv_in.weight", (32, 4, 3, 3), "from pictures with 4 channels to ones with 3"),
        ("decoder.conv_out.weight", (4, 32, 3, 3), "from pictures with 3 channels to ones with 4"),
    ],
)
def test_a_vae_of_wrong_channels_is_refused(
    workbench: Bench, type_id: str, name: str, shape: tuple[int, ...], said: str
) -> None:
    (reader,) = (each for each in READERS if each.type_id == type_id)
    path = place(workbench, reader, ".safetensors")
    tensors = load_file(workbench.root / "models/checkpoints" / CHECKPOINT)
    save_file(tensors | {f"first_stage_model.{name}": torch.zeros(shape)}, path)
    problem = problem_of(workbench, reader, path)
    assert problem.code == "unknown_architecture" and said in problem.message


@pytest.mark.parametrize("type_id", ["CheckpointLoaderSimple", "UNETLoader"])
def test_a_unet_that_reads_what_none_does_is_refused(workbench: Bench, type_id: str) -> None:
    (reader,) = (each for each in READERS if each.type_id == type_id)
    path = place(workbench, reader, ".safetensors")
    tensors = load_file(workbench.root / "models/checkpoints" / CHECKPOINT)
    name = "model.diffusion_model.input_blocks.0.0.weight"
    save_file(tensors | {name: torch.zeros(32, 13, 3, 3)}, path)
    problem = problem_of(workbench, reader, path)
    assert problem.code == "unknown_architecture" and "13 input channels" in problem.message


@pytest.mark.parametrize("type_id", ["ControlNetLoader", "DiffControlNetLoader"])
def test_a_control_lora_of_sdxl_is_refused(workbench: Bench, type_id: str) -> None:
    (reader,) = (each for each in READERS if each.type_id == type_id)
    path = place(workbench, reader, ".safetensors")
    save_file({"lora_controlnet": torch.zeros(0), "input_blocks.0.0.bias": torch.ones(320)}, path)
    assert "Control-LoRA, which were made for SDXL" in problem_of(workbench, reader, path).message
