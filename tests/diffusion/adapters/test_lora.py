"""LoRAs of every spelling reach their modules, and merging leaves the shared weights alone."""

import re

import pytest
import torch
from safetensors.torch import save_file

from diffusion.adapters.lora import merged_model, patch_model, patch_text, read_lora, unmatched
from diffusion.adapters.names import LORA, flat, text_modules, unet_modules
from diffusion.adapters.weight_patch import merged
from diffusion.errors import Unsuitable
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet, UNetConfig
from diffusion.values import Model, TextEncoder
from tests.diffusion.golden import manifest, manifest_json
from tests.nodes.tiny import networks

SD1 = UNetConfig()
SD2 = UNetConfig(head_dim=64, context_dim=1024, linear_projections=True)
FILES = {
    "lora-kohya-sd1-rank4": (SD1, ClipTextConfig()),
    "lora-kohya-sd1-conv3x3-extra": (SD1, ClipTextConfig()),
    "lora-diffusers-2023-sd1-rank4": (SD1, ClipTextConfig()),
    "lora-diffusers-peft-sd1-rank4": (SD1, ClipTextConfig()),
    "lora-kohya-sd2-rank4": (SD2, ClipTextConfig(width=1024, layers=24, heads=16, mlp=4096)),
    "lora-kohya-sd2-conv3x3-extra": (SD2, ClipTextConfig(width=1024, layers=24, heads=16, mlp=4096)),
}


def on_meta(config, text):
    with torch.device("meta"):
        return UNet(config), ClipText(text)


@pytest.mark.parametrize("name", FILES)
def test_every_key_of_published_layouts_reaches_a_weight_it_fits(name):
    config, text = FILES[name]
    unet, clip = on_meta(config, text)
    known = {"unet": (unet, unet_modules(unet, config)), "text_encoder": (clip, text_modules(clip))}
    for key, shape in manifest(name).items():
        found = [match.expand(rule.target) for rule in LORA if (match := re.fullmatch(rule.pattern, key))]
        assert found, key
        network, module, part = found[0].split(" ")
        weights, spelled = known[network]
        weight = weights.get_parameter(spelled[flat(module)] + ".weight")
        if part == "lora_up.weight":
            assert shape[0] == weight.shape[0], key
        elif part == "lora_down.weight":
            assert shape[1] == weight.shape[1], key


@pytest.mark.parametrize(("family", "config"), [("sd1", SD1), ("sd2", SD2)])
def test_kohyas_names_are_the_reference_map(family, config):
    unet, _ = on_meta(config, ClipTextConfig(layers=1))
    ours = unet_modules(unet, config)
    for theirs, module in manifest_json("map-lora-kohya-unet-to-ldm")[family].items():
        if f"{module}.weight" in unet.state_dict():
            assert ours[theirs.removeprefix("lora_unet_")] == module


@pytest.mark.parametrize(("family", "clip"), [("sd1", "clip_l"), ("sd2", "clip_h")])
@pytest.mark.parametrize("halves", [("lora_up", "lora_down"), ("lora_B", "lora_A")])
def test_comfyuis_own_names_say_what_kohyas_do(tmp_path, family, clip, halves):
    """As its node that extracts LoRAs writes them, and trainers after it."""
    theirs = manifest_json("map-lora-kohya-unet-to-ldm")[family]
    text = "text_model_encoder_layers_3_self_attn_q_proj"
    kohya, comfy = {}, {}
    for number, name in enumerate([*theirs, f"lora_te_{text}"]):
        module = f"text_encoders.{clip}.transformer.text_model.encoder.layers.3.self_attn.q_proj"
        module = f"diffusion_model.{theirs[name]}" if name in theirs else module
        kohya[f"{name}.lora_up.weight"] = torch.full((2, 1), float(number))
        kohya[f"{name}.lora_down.weight"] = torch.full((1, 2), float(number))
        up, down = ("lora_up", "lora_down") if name not in theirs else halves
        comfy[f"{module}.{up}.weight"] = kohya[f"{name}.lora_up.weight"]
        comfy[f"{module}.{down}.weight"] = kohya[f"{name}.lora_down.weight"]
    for name, tensors in (("kohya", kohya), ("comfy", comfy)):
        save_file(tensors, tmp_path / f"{name}.safetensors")
    first, second = (read_lora(tmp_path / f"{name}.safetensors") for name in ("kohya", "comfy"))
    assert first.unknown == second.unknown == ()
    config = SD1 if family == "sd1" else SD2
    spelled = unet_modules(on_meta(config, ClipTextConfig())[0], config)
    one, other = (
        {spelled[module]: parts for module, parts in lora.networks["unet"].items() if module in spelled}
        for lora in (first, second)
    )
    assert one.keys() == other.keys() and len(one) > 180
    assert all(torch.equal(one[key][part], other[key][part]) for key in one for part in one[key])
    assert first.networks["text_encoder"].keys() == second.networks["text_encoder"].keys() == {text}


@pytest.fixture
def values():
    made = networks()
    unet, text = made["model.diffusion_model."], made["cond_stage_model.transformer."]
    return Model(unet), TextEncoder(text, Tokenizer())


def write(path, *, up=32, key="lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q"):
    tensors = {
        f"{key}.lora_up.weight": torch.ones(up, 2),
        f"{key}.lora_down.weight": torch.ones(2, 32),
        "lora_te_text_model_encoder_layers_0_mlp_fc1.lora_up.weight": torch.ones(32, 2),
        "lora_te_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": torch.ones(2, 16),
        "lora_te_text_model_encoder_layers_0_mlp_fc1.alpha": torch.tensor(1.0),
        "strange.key": torch.ones(1),
    }
    save_file(tensors, path)
    return path


def test_merging_copies_only_what_it_changes(values, tmp_path):
    model, clip = values
    lora = read_lora(write(tmp_path / "a.safetensors"))
    patched = patch_model(patch_model(model, lora, 0.5), lora, 0.25)
    before = {name: weight.clone() for name, weight in model.network.state_dict().items()}
    made = merged_model(patched).network.state_dict()
    changed = "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight"
    torch.testing.assert_close(made[changed], before[changed] + 1.5)
    for name, weight in model.network.state_dict().items():
        assert torch.equal(weight, before[name])
        assert (made[name].data_ptr() == weight.data_ptr()) == (name != changed), name
    text = merged(clip.network, patch_text(clip, lora, 1.0).patches).state_dict()
    fc1 = "text_model.encoder.layers.0.mlp.fc1.weight"
    torch.testing.assert_close(text[fc1], clip.network.state_dict()[fc1] + 1)


def test_differences_of_biases_and_norms_are_added_too(values, tmp_path):
    """LyCORIS's full and norm modules, under kohya's names and ComfyUI's."""
    model, clip = values
    block = "input_blocks.1.1.transformer_blocks.0"
    text = "text_model.encoder.layers.0.layer_norm1"
    tensors = {
        f"lora_unet_{flat(block)}_attn1_to_out_0.diff_b": torch.full((32,), 1.0),
        f"lora_unet_{flat(block)}_attn1_to_out_0.alpha": torch.tensor(1.0),
        f"lora_unet_{flat(block)}_norm1.w_norm": torch.full((32,), 2.0),
        f"diffusion_model.{block}.norm1.b_norm": torch.full((32,), 3.0),
        f"diffusion_model.{block}.attn1.to_q.diff": torch.full((32, 32), 4.0),
        f"lora_te_{flat(text)}.w_norm": torch.full((16,), 5.0),
        f"lora_te_{flat(text)}.b_norm": torch.full((16,), 6.0),
    }
    save_file(tensors, tmp_path / "full.safetensors")
    lora = read_lora(tmp_path / "full.safetensors")
    assert unmatched(lora, model, clip) == ()
    before, made = model.network, merged_model(patch_model(model, lora, 0.5)).network
    added = {
        f"{block}.attn1.to_out.0.bias": 0.5, f"{block}.norm1.weight": 1.0, f"{block}.norm1.bias": 1.5,
        f"{block}.attn1.to_q.weight": 2.0,
    }  # fmt: skip
    own = before.state_dict()
    changed = {
        name: tensor for name, tensor in made.state_dict().items() if not torch.equal(tensor, own[name])
    }
    assert changed.keys() == added.keys()
    for name, tensor in changed.items():
        torch.testing.assert_close(tensor, own[name] + added[name])
    written = merged(clip.network, patch_text(clip, lora, 1.0).patches).state_dict()
    for name, number in (("weight", 5.0), ("bias", 6.0)):
        torch.testing.assert_close(
            written[f"{text}.{name}"], clip.network.state_dict()[f"{text}.{name}"] + number
        )


def test_a_bias_that_is_not_there_or_of_another_length_is_refused(values, tmp_path):
    for module, length, said in (
        ("attn1_to_q", 32, "a bias that it has not"),
        ("attn1_to_out_0", 7, "another shape"),
    ):
        key = f"lora_unet_input_blocks_1_1_transformer_blocks_0_{module}.diff_b"
        save_file({key: torch.ones(length)}, tmp_path / f"{module}.safetensors")
        with pytest.raises(Unsuitable, match=said):
            patch_model(values[0], read_lora(tmp_path / f"{module}.safetensors"), 1.0)


def test_prompt_is_encoded_by_the_patched_encoder(values, tmp_path):
    _, clip = values
    lora = read_lora(write(tmp_path / "a.safetensors"))
    plain, styled = (each.encode("cat")[0].tensor for each in (clip, patch_text(clip, lora, 1.0)))
    assert not torch.equal(plain, styled)
    assert torch.equal(patch_text(clip, lora, 0.0).encode("cat")[0].tensor, plain)


def test_another_strength_reads_nothing_again(tmp_path):
    path = write(tmp_path / "a.safetensors")
    first = read_lora(path)
    assert read_lora(path) is first
    write(path, up=16)
    assert read_lora(path) is not first


def test_keys_that_match_nothing_are_reported(values, tmp_path):
    lora = read_lora(write(tmp_path / "a.safetensors", key="lora_unet_mid_block_far_away"))
    assert unmatched(lora, *values) == ("unet mid_block_far_away", "strange.key")
    with pytest.raises(Unsuitable, match="names no part of this model"):
        unmatched(read_lora(write(tmp_path / "b.safetensors", key="lora_unet_no")), values[0], None)


def test_lora_of_another_width_is_refused(values, tmp_path):
    lora = read_lora(write(tmp_path / "a.safetensors", up=40))
    with pytest.raises(Unsuitable, match="does not fit this model") as caught:
        patch_model(values[0], lora, 1.0)
    assert caught.value.input == "lora_name"
