"""Inputs of schemas whose number depends on what is linked or chosen, laid flat under dotted names.

`images` that grow are `images.image0`, `images.image1`, …; what a choice `resize` asks for besides is
`resize.width`. So prompts name them; the node's own functions get them as a dictionary for each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from compat.nodes.declared import Declared, Given, Section, given_inputs
from graph.sockets import Condition, Grows

AUTOGROW, CHOICE = "COMFY_AUTOGROW_V3", "COMFY_DYNAMICCOMBO_V3"


def flat(inputs: Iterable[Given], within: str = "", when: tuple[Condition, ...] = ()) -> tuple[Given, ...]:
    """All inputs that a node may come to have, in order."""
    found: dict[str, Given] = {}
    for given in inputs:
        own = f"{within}.{given.name}" if within else given.name
        laid: Sequence[Given] = [replace(given, name=own, when=when)]
        if given.type == AUTOGROW:
            laid = _grown(given, own, when)
        elif given.type == CHOICE:
            laid = _chosen(given, own, when)
        for each in laid:
            found[each.name] = _both(found[each.name], each) if each.name in found else each
    return tuple(found.values())


def _grown(given: Given, own: str, when: tuple[Condition, ...]) -> list[Given]:
    names, least, template = _template(given)
    found, row = [], Grows(own, least)
    for place, name in enumerate(names):
        needed = place < least and template.section == given.section == "required"
        options = {**template.options, "forceInput": True}
        section: Section = "required" if needed else "optional"
        found.append(Given(f"{own}.{name}", template.type, options, section, when, row))
    return found


def _template(given: Given) -> tuple[list[str], int, Given]:
    """The names that inputs may grow to, how many there are at least, and what each of them is."""
    told = given.options["template"]
    (template,) = given_inputs(told["input"])
    names = told.get("names")
    if names is None:
        names = [f"{told['prefix']}{place}" for place in range(told["max"])]
    return list(names), told["min"], template


def _chosen(given: Given, own: str, when: tuple[Condition, ...]) -> list[Given]:
    """The choice, then what each of its options asks for."""
    options = list(given.options.get("options") or ())
    keys = [str(option["key"]) for option in options]
    found = [replace(given, name=own, type="COMBO", options={**given.options, "options": keys}, when=when)]
    for option, key in zip(options, keys, strict=True):
        found += flat(given_inputs(option["inputs"]), own, (*when, (own, frozenset({key}))))
    return found


def _both(one: Given, other: Given) -> Given:
    """What stands for inputs of one name that two options ask for: it takes what either does."""
    section: Section = "required" if one.section == other.section == "required" else "optional"
    when = one.when
    if one.when and other.when:
        combo, keys = one.when[-1]
        when = (*one.when[:-1], (combo, keys | other.when[-1][1]))
    joined = replace(one, section=section, when=when)
    if (one.type, one.options) == (other.type, other.options):
        return joined
    kinds = [kind if isinstance(kind, str) else "COMBO" for kind in (one.type, other.type)]
    if kinds == ["COMBO", "COMBO"]:
        choices = dict.fromkeys([*_choices(one), *_choices(other)])
        return replace(joined, type=list(choices), options={**other.options, **one.options})
    options = {name: each for name, each in one.options.items() if name not in ("min", "max", "step")}
    return replace(joined, type=",".join(dict.fromkeys(kinds)), options={"widgetType": kinds[0], **options})


def _choices(given: Given) -> Sequence[Any]:
    return given.options.get("options") or () if given.type == "COMBO" else given.type


def roots(inputs: Iterable[Given], within: str = "", when: tuple[Condition, ...] = ()) -> dict[str, Given]:
    """The inputs that are handed over as dictionaries, outer ones first."""
    found: dict[str, Given] = {}
    for given in inputs:
        own = f"{within}.{given.name}" if within else given.name
        if given.type in (AUTOGROW, CHOICE):
            found.setdefault(own, replace(given, name=own, when=when))
        for option in given.options.get("options") or () if given.type == CHOICE else ():
            key = frozenset({str(option["key"])})
            found |= roots(given_inputs(option["inputs"]), own, (*when, (own, key)))
    return found


def is_live(when: Iterable[Condition], values: Mapping[str, Any]) -> bool:
    """Whether the choices are such that an input is there."""
    return all(_one(values.get(combo)) in keys for combo, keys in when)


def _one(value: Any) -> Any:
    """A choice, also of nodes that take lists."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def missing(declared: Declared, values: Mapping[str, Any], linked: Iterable[str] = ()) -> list[str]:
    """The inputs that the chosen options need, and that are not given."""
    given = {*linked, *(name for name, value in values.items() if value is not None)}
    needed = [each for each in declared.inputs if each.when and each.section == "required"]
    return [each.name for each in needed if each.name not in given and is_live(each.when, values)]


def idle(declared: Declared, values: Mapping[str, Any], linked: Collection[str]) -> list[Given]:
    """Linked inputs that no chosen option asks for; a choice that is linked itself may ask for any."""
    held = [each for each in declared.inputs if each.when and each.name in linked]
    told = [each for each in held if not any(choice in linked for choice, _ in each.when)]
    return [each for each in told if not is_live(each.when, values)]


def nested(declared: Declared, values: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as the node's functions take them: what is not there is left out, what is dotted nested."""
    if not declared.roots:
        return dict(values)
    when = {each.name: each.when for each in declared.inputs}
    made: dict[str, Any] = {}
    for name, value in values.items():
        if is_live(when.get(name, ()), values):
            path = name.split(".") if name.partition(".")[0] in declared.roots else [name]
            _at(made, [*path, path[-1]] if name in declared.roots else path)[path[-1]] = value
    for own, root in declared.roots.items():
        if root.type == AUTOGROW and is_live(root.when, values):
            _at(made, [*own.split("."), ""])  # nothing is linked to it, perhaps
    return made


def _at(made: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """The dictionary that the last name of a path is in."""
    for name in path[:-1]:
        made = made.setdefault(name, {})
    return made
