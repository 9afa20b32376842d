"""Facts of numbers, and of nodes that choose between values."""

from graph import Inferred, Seen, facts_of, known
from graph.infer import UNKNOWN


@facts_of("PrimitiveInt", "PrimitiveFloat", "PrimitiveBoolean", "PrimitiveSeed")
def primitive(seen: Seen) -> Inferred:
    """The value itself, so that a size on a wire is as good as one that is typed."""
    output = {"PrimitiveFloat": "FLOAT", "PrimitiveBoolean": "BOOLEAN"}.get(seen.type_id, "INT")
    value = seen.value("value")
    return Inferred({output: known(value=value if isinstance(value, int | float) else None)})


@facts_of("GetImageSize")
def image_size(seen: Seen) -> Inferred:
    image = seen.facts("image")
    names = {"width": "width", "height": "height", "batch_size": "batch"}
    return Inferred({output: known(value=image.get(fact)) for output, fact in names.items()})


@facts_of("LazySwitch", "LazyIndexSwitch")
def switched(seen: Seen) -> Inferred:
    """What is known of the value that is chosen."""
    if seen.type_id == "LazySwitch":
        chosen = {True: "on_true", False: "on_false"}.get(seen.value("switch") is True)
        certain = isinstance(seen.value("switch"), bool)
    else:
        chosen, certain = f"value{seen.whole('index')}", seen.whole("index") is not None
    return Inferred({"output": seen.facts(str(chosen)) if certain else UNKNOWN})
