"""Inputs that grow with what is linked to them, and inputs that a choice asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compat.nodes.dynamic import AUTOGROW, CHOICE

MOST = 100  # inputs that one may grow to


def sections(inputs: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Inputs as INPUT_TYPES would return them."""
    found: dict[str, dict[str, Any]] = {"required": {}}
    for each in inputs:
        found.setdefault("optional" if each.optional else "required", {})[each.id] = each.spec()
    return found


class _Dynamic:
    """An input that stands for others."""

    io_type = ""

    def __init__(
        self,
        id: str,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        extra_dict: Mapping[str, Any] | None = None,
    ) -> None:
        self.id, self.optional = id, optional
        said = {"display_name": display_name, "tooltip": tooltip, "lazy": lazy}
        self.options = {name: value for name, value in said.items() if value is not None}
        self.options |= extra_dict or {}

    def spec(self) -> tuple[str, dict[str, Any]]:
        return self.io_type, self.options


class Template:
    """What each of the inputs is, and how they are called."""

    def __init__(self, input: Any, least: int, names: Mapping[str, Any]) -> None:
        if isinstance(input, _Dynamic):
            raise TypeError(f"the template {input.id!r} grows or depends on a choice itself")
        self.input, self.min, self.told = input, least, names

    def as_dict(self) -> dict[str, Any]:
        return {"input": sections([self.input]), **self.told, "min": self.min}


class Autogrow:
    """`io.Autogrow.Input("images", io.Autogrow.TemplatePrefix(io.Image.Input("image"), "image"))`."""

    io_type = AUTOGROW
    Type = dict[str, Any]

    class TemplatePrefix(Template):
        """image0, image1, …"""

        def __init__(self, input: Any, prefix: str, min: int = 1, max: int = 10) -> None:
            if not 0 <= min <= max <= MOST or max < 1:
                raise ValueError(f"{prefix} grows from {min} to {max}: 0 <= min <= max <= {MOST} is expected")
            super().__init__(input, min, {"prefix": prefix, "max": max})
            self.prefix, self.max = prefix, max

    class TemplateNames(Template):
        """Inputs of these names."""

        def __init__(self, input: Any, names: Sequence[str], min: int = 1) -> None:
            super().__init__(input, min, {"names": list(names)[:MOST]})
            self.names = list(names)[:MOST]

    class Input(_Dynamic):
        io_type = AUTOGROW

        def __init__(self, id: str, template: Template, *args: Any, **more: Any) -> None:
            super().__init__(id, *args, **more)
            self.template = template
            self.options["template"] = template.as_dict()


class DynamicCombo:
    """A choice, each of whose options asks for inputs of its own."""

    io_type = CHOICE
    Type = dict[str, Any]

    class Option:
        def __init__(self, key: str, inputs: Sequence[Any]) -> None:
            self.key, self.inputs = key, list(inputs)

        def as_dict(self) -> dict[str, Any]:
            return {"key": self.key, "inputs": sections(self.inputs)}

    class Input(_Dynamic):
        io_type = CHOICE

        def __init__(self, id: str, options: Sequence[DynamicCombo.Option], *args: Any, **more: Any) -> None:
            super().__init__(id, *args, **more)
            self.options["options"] = [each.as_dict() for each in options]
