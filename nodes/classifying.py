"""Nodes around classifiers of pictures: load one, ask it, and let it guide."""

from pathlib import Path
from typing import Annotated

from graph import File, Range, node
from nodes.errors import reported
from nodes.types import Classifier, Image, Model, Vae

Percent = Annotated[float, Range(0, 1, 0.001), "from 0, pure noise, to 1, the picture"]


@node(id="ClassifierLoader", title="Load Classifier", category="loaders", lane="io", search=("classify",))
def classifier_loader(
    classifier_name: Annotated[Path, File("classifiers"), "a network with its labels"],
) -> Classifier:
    """Load a network that tells what a picture shows."""
    from diffusion.features.classifier_guidance import load_classifier

    with reported("classifier_name"):
        return load_classifier(classifier_name)


@node(
    id="ClassifyImage", title="Classify Image", category="seeing", lane="gpu", search=("recognise", "label")
)
def classify_image(
    image: Image, classifier: Classifier, top: Annotated[int, Range(1, 100), "answers per question"] = 3
) -> str:
    """Say what pictures show, and how sure that is."""
    from diffusion.features.classifier_guidance import classify

    lines = []
    for number, answers in enumerate(classify(classifier, image), start=1):
        for question, likely in answers.items():
            said = ", ".join(f"{label} {share:.0%}" for label, share in likely[:top])
            lines.append(f"{number}. {question}: {said}" if len(image) > 1 else f"{question}: {said}")
    return "\n".join(lines)


@node(
    id="ClassifierGuidance",
    title="Classifier Guidance",
    category="model_patches/unet",
    search=("class", "gradient", "dhariwal"),
)
def classifier_guidance(
    model: Model,
    classifier: Classifier,
    vae: Vae,
    label: Annotated[str, "one that the classifier knows"] = "fox",
    scale: Annotated[float, Range(-1000, 1000, 0.1), "how strongly; below 0 away from it"] = 10.0,
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
) -> Model:
    """Let a classifier pull the picture towards a label in every step, with or without a prompt."""
    from diffusion.features.classifier_guidance import ClassifierGuidance, label_of

    with reported("label"):
        question, place = label_of(classifier, label)
    first, last = model.schedule.interval(start_percent, end_percent)
    return model.with_steering(ClassifierGuidance(classifier, vae, question, place, scale, first, last))
