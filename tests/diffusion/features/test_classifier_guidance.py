"""Classifier guidance: gradients that raise what is asked for, and the shipped classifier at work."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from diffusion.checkpoint.errors import CheckpointError, MislabelledFile
from diffusion.errors import Unsuitable
from diffusion.features.classifier_guidance import ClassifierGuidance, classify, label_of, load_classifier
from diffusion.models.classifier import Classifier, ClassifierConfig
from diffusion.models.vae import Autoencoder, VaeConfig
from diffusion.values import Vae
from tests.diffusion.sampling.tiny import random_latent
from tests.nodes.bench import ROOT, Bench, changed, template

EMBEDDED = ROOT / "models/checkpoints/tessera-emoji-v1.safetensors"
SHIPPED = ROOT / "models/classifiers/tessera-emoji-v1.safetensors"
HEADS = (("object", ("cat", "dog", "fox")), ("background", ("red", "blue")))


@pytest.fixture(scope="module")
def classifier():
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return Classifier(ClassifierConfig(HEADS, widths=(8, 16), size=32)).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def vae():
    with torch.random.fork_rng():
        torch.manual_seed(4)
        config = VaeConfig(channels=32, multipliers=(1, 1, 1, 1), res_blocks=1)
        return Vae(Autoencoder(config).eval().requires_grad_(False))


def write(path: Path, classifier, labels=None):
    labels = json.dumps(dict(HEADS)) if labels is None else labels
    save_file(classifier.state_dict(), path, metadata={"labels": labels})
    return path


def test_file_keeps_weights_and_labels(tmp_path, classifier):
    read = load_classifier(write(tmp_path / "c.safetensors", classifier))
    assert read.config.heads == HEADS and read.config.widths == (8, 16)
    x = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    for question, seen in read(x).items():
        assert seen.shape == (2, len(dict(HEADS)[question]))
        torch.testing.assert_close(seen.exp().sum(-1), torch.ones(2))


def test_labels_are_found_whatever_their_case_and_others_listed(classifier):
    assert label_of(classifier, " Fox ") == ("object", 2) and label_of(classifier, "blue") == (
        "background",
        1,
    )
    with pytest.raises(Unsuitable, match="knows no 'whale'") as refused:
        label_of(classifier, "whale")
    assert "object: cat, dog, fox; background: red, blue" in refused.value.remedy


def test_gradient_raises_the_label_of_every_picture_on_its_own(classifier, vae):
    steering = ClassifierGuidance(classifier, vae, "object", 1, 1.0, 99.0, 0.0)
    samples = random_latent(3, 2, 4, 8, 8)
    gradient = steering.gradient(samples)

    def likely(samples):
        pixels = vae.network.decode(samples / vae.scale) / 2 + 0.5
        return classifier(pixels)["object"][:, 1].double()

    step = 1e-3 / gradient.flatten(1).norm(dim=1).mean()
    with torch.no_grad():
        rise = (likely(samples + step * gradient) - likely(samples - step * gradient)) / (2 * step)
    expected = gradient.double().square().sum(dim=(1, 2, 3))
    torch.testing.assert_close(rise, expected, rtol=0.05, atol=0)
    torch.testing.assert_close(steering.gradient(samples[1:]), gradient[1:], rtol=1e-3, atol=1e-6)


def test_other_files_are_refused(tmp_path, classifier):
    save_file({"weight": torch.ones(2, 2)}, tmp_path / "other.safetensors")
    with pytest.raises(MislabelledFile, match="without a list of labels"):
        load_classifier(tmp_path / "other.safetensors")
    with pytest.raises(MislabelledFile):
        load_classifier(write(tmp_path / "odd.safetensors", classifier, labels="[1, 2]"))
    fewer = json.dumps({"object": ["cat"], "background": ["red", "blue"]})
    with pytest.raises(CheckpointError, match="of another shape"):
        load_classifier(write(tmp_path / "fewer.safetensors", classifier, labels=fewer))


@pytest.mark.skipif(not EMBEDDED.exists(), reason="the embedded checkpoint is not there")
@pytest.mark.parametrize(("label", "vague"), [("strawberry", "a fruit"), ("panda", "an animal")])
def test_guidance_makes_of_a_vague_prompt_what_the_classifier_is_asked_for(tmp_path, label, vague):
    (tmp_path / "models").mkdir()
    for kind in ("checkpoints", "classifiers", "vae_approx"):
        (tmp_path / "models" / kind).symlink_to(ROOT / "models" / kind)
    bench = Bench(tmp_path)
    document = changed(
        template("classifier_guidance"),
        guidance={"label": label},
        prompt={"text": f"{vague}, white background"},
    )
    guided = bench.run(document)
    plain = bench.run(changed(document, guidance={"scale": 0.0}))
    bench.executor.close()
    read = load_classifier(SHIPPED)
    likely = []
    for ran in (guided, plain):
        assert ran.finished.status == "succeeded", ran.finished.problems
        (name,) = [name for name in ran.names if name]
        picture = torch.from_numpy(bench.picture(name).copy()).float()[None] / 255
        (answers,) = classify(read, picture)
        likely.append(dict(answers["object"])[label])
    assert likely[0] > 0.5 > likely[1]
