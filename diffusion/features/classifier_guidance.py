"""Classifier guidance: towards pictures that a classifier calls by a name (arXiv 2105.05233)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from diffusion.checkpoint.build import build
from diffusion.checkpoint.errors import MislabelledFile
from diffusion.checkpoint.load import opened
from diffusion.errors import Unsuitable
from diffusion.memory import default_device, sent_to
from diffusion.models.classifier import Classifier, ClassifierConfig
from diffusion.residency import resident
from diffusion.sampling.steering import Guess, Steering
from diffusion.values import Vae, rgb


def load_classifier(path: Path, *, device: torch.device | None = None) -> Classifier:
    """The classifier in a file; its labels are in the file's metadata, as JSON by question."""
    device = default_device() if device is None else device
    with opened(path) as weights:
        try:
            labels = json.loads(weights.metadata["labels"])
            heads = tuple((question, tuple(names)) for question, names in labels.items())
            # The body is convolution, norm and activation in turn.
            widths = tuple(
                weights[name].shape[0]
                for name in sorted(weights, key=lambda name: (len(name), name))
                if name.startswith("body.") and weights[name].ndim == 4
            )
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            raise MislabelledFile(
                path.name,
                given="a file without a list of labels",
                expected="a classifier with its labels in the metadata",
                remedy="Choose a file from models/classifiers, or train one: python -m training classifier.",
            ) from error
        config = ClassifierConfig(heads=heads, widths=widths)
        return build(lambda: Classifier(config), weights, "classifier", device=device, dtype=torch.float32)


def label_of(classifier: Classifier, label: str) -> tuple[str, int]:
    """The question that a label answers, and its place; Unsuitable, with what there is, if none has it."""
    found = classifier.find(label)
    if found is None:
        known = "; ".join(f"{question}: {', '.join(labels)}" for question, labels in classifier.config.heads)
        raise Unsuitable(
            f"the classifier knows no {label!r}", input="label", remedy=f"Choose one of {known}."
        )
    return found


@torch.no_grad()
def classify(classifier: Classifier, image: Tensor) -> list[dict[str, list[tuple[str, float]]]]:
    """For every picture of [B, H, W, C] in 0..1, by question: labels and likelihoods, likeliest first."""
    with resident(classifier) as ready:
        answers = ready(sent_to(classifier, rgb(image).movedim(-1, 1)))
    seen = {question: row.exp().cpu() for question, row in answers.items()}
    return [
        {
            question: sorted(
                zip(labels, seen[question][picture].tolist(), strict=True), key=lambda pair: -pair[1]
            )
            for question, labels in classifier.config.heads
        }
        for picture in range(len(image))
    ]


@dataclass(frozen=True, eq=False)
class ClassifierGuidance(Steering):
    """Steps to pictures that the classifier finds likelier, from noise level `first` down to `last`.

    The gradient is taken at the picture that the model sees: D + scale * sigma^2 / (1 + sigma^2) * grad log
    p(label | D). The factor is the uncertainty of D where data have unit variance, as they have in latents;
    it stands in for the way back through the network.
    """

    classifier: Classifier
    vae: Vae
    question: str
    place: int
    scale: float
    first: float
    last: float

    def after(self, guess: Guess) -> Tensor:
        if not self.scale or not self.last <= guess.sigma <= self.first:
            return guess.guided
        spread = guess.sigma**2 / (1 + guess.sigma**2)
        return guess.guided + self.scale * spread * self.gradient(guess.guided)

    def gradient(self, samples: Tensor) -> Tensor:
        """How the log-probability of the label changes with latent samples [B, c, h, w]."""
        network = self.vae.network
        with (
            resident(network) as vae,
            resident(self.classifier) as classifier,
            torch.enable_grad(),
        ):
            asked = samples.detach().float().requires_grad_()
            pixels = vae.decode(sent_to(network, asked / self.vae.scale)).float() / 2 + 0.5
            likely = classifier(sent_to(self.classifier, pixels))[self.question][:, self.place]
            (gradient,) = torch.autograd.grad(likely.sum(), asked)
        return gradient.to(samples)
