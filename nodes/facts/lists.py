"""Facts of lists: what is known of every item."""

from graph import Inferred, Seen, facts_of
from graph.infer import Facts


@facts_of("ListMake", "ListSlice")
def listed(seen: Seen) -> Inferred:
    return Inferred({"list": seen.items("items")})


@facts_of("ListItem")
def item(seen: Seen) -> Inferred:
    return Inferred({"item": seen.items("items")})


@facts_of("ListCross")
def crossed(seen: Seen) -> Inferred:
    return Inferred({name: seen.items(name) for name in ("a", "b")})


@facts_of("RebatchImages", "RebatchLatents")
def rebatched(seen: Seen) -> Inferred:
    """The last batch may be smaller than the others, unless each is of one."""
    given, made = ("images", "IMAGE") if seen.type_id == "RebatchImages" else ("latents", "LATENT")
    rest = without_batch(seen.items(given))
    return Inferred({made: {**rest, "batch": 1} if seen.whole("batch_size") == 1 else rest})


@facts_of("LoadImagesFromFolder")
def read(seen: Seen) -> Inferred:
    """Sizes and counts of frames differ from file to file."""
    return Inferred({"IMAGE": {"channels": 3}})


@facts_of("ImageListToImageBatch")
def joined(seen: Seen) -> Inferred:
    return Inferred({"IMAGE": without_batch(seen.items("images"))})


def without_batch(facts: Facts) -> Facts:
    return {name: fact for name, fact in facts.items() if name != "batch"}
