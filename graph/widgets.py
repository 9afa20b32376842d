"""Widgets: how a literal is edited, what it may be, and its canonical form."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from graph.curves import Across, Curve, CurveFault, read_curve
from graph.folders import Folders, PathRefused, located
from graph.problems import Scalar, nearest, words

SMALLEST, LARGEST = -(2**63), 2**64 - 1
"""Whole numbers without a Range: what 64 bits hold, signed or not."""


@dataclass(frozen=True, slots=True)
class Range:
    """Hint: a number from min to max. `Annotated[float, Range(0, 1, 0.01)]`."""

    min: float
    max: float
    step: float | None = None
    slider: bool = False


PromptRules: TypeAlias = Literal["comfy", "a1111"]


@dataclass(frozen=True, slots=True)
class Text:
    """Hint: a text field. `Annotated[str, Text(multiline=True)]`; `prompt` says whose rules it is read by."""

    multiline: bool = False
    placeholder: str = ""
    prompt: PromptRules | None = None


@dataclass(frozen=True, slots=True)
class File:
    """Hint: a file of one folder kind. `Annotated[Path, File("loras")]`.

    An extension without a dot is a whole name: the folders that hold such a file are the choices.
    """

    folder: str
    upload: bool = False
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Hint: one of several strings, or of what a function says now. `Annotated[str, Choice(names)]`."""

    choices: Sequence[str] | Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class CurveRange:
    """Hint: a curve with values from min to max. `Annotated[Curve, CurveRange(0, 100, shown=(0, 15))]`.

    `shown` is the part that is drawn where no point lies outside of it; `across` what the way is.
    """

    min: float = 0.0
    max: float = 1.0
    shown: tuple[float, float] | None = None
    across: Across = "steps"


@dataclass(frozen=True, slots=True)
class SeedHint:
    """Hint: a seed. `seed: Seed = 0` or `Annotated[int, Seed()]`."""

    max: int = LARGEST


if TYPE_CHECKING:
    Seed: TypeAlias = int  # so that `seed: Seed = 0` is right to a type checker
else:
    Seed = SeedHint


class Refused(Exception):
    """A literal that a widget does not take, and what it would take."""

    def __init__(
        self,
        code: str,
        reason: str,
        *,
        expected: str,
        remedy: str,
        instead: Sequence[Scalar] = (),
        labels: Sequence[str] = (),
        given: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason
        self.expected, self.remedy, self.instead = expected, remedy, tuple(instead)
        self.labels = tuple(labels) or tuple(f"Set to {each}" for each in self.instead)
        """What choosing each of them is called."""
        self.given = given
        """The literal in words, where it is no scalar."""


def _wrong_type(value: object, expected: str) -> Refused:
    reason = f"{words(value)} is not {expected}"
    return Refused("wrong_value_type", reason, expected=expected, remedy=f"Give {expected}.")


@dataclass(frozen=True, slots=True)
class NumberWidget:
    kind: Literal["int", "float", "seed"]
    min: float | None = None
    max: float | None = None
    step: float | None = None
    slider: bool = False

    def canonical(self, value: object, folders: Folders | None) -> object:
        number = self._number(value)
        if self.min is not None and number < self.min:
            raise self._outside(number, self.min, "below", "at least")
        if self.max is not None and number > self.max:
            raise self._outside(number, self.max, "above", "at most")
        return number

    def _number(self, value: object) -> int | float:
        if self.kind == "float":
            if type(value) is float and value - value == 0:
                return value
            if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 1000:
                return float(value)
            raise _wrong_type(value, "a number")
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, float) and value.is_integer():
            return int(value)
        raise _wrong_type(value, "a whole number")

    def _outside(self, number: float, bound: float, side: str, limit: str) -> Refused:
        reason = f"{words(number)} is {side} {bound}"
        remedy = f"Give a value of {limit} {bound}."
        return Refused(
            "value_out_of_range", reason, expected=self.expected(), remedy=remedy, instead=(bound,)
        )

    def expected(self) -> str:
        noun = "a number" if self.kind == "float" else "a whole number"
        if self.min is None or self.max is None:
            return noun
        return f"{noun} from {self.min} to {self.max}"

    def to_json(self, folders: Folders | None) -> dict[str, object]:
        record: dict[str, object] = {"kind": self.kind, "min": self.min, "max": self.max}
        return record if self.kind == "seed" else {**record, "step": self.step, "slider": self.slider}


@dataclass(frozen=True, slots=True)
class TextWidget:
    multiline: bool = False
    placeholder: str = ""
    prompt: PromptRules | None = None

    def canonical(self, value: object, folders: Folders | None) -> object:
        if not isinstance(value, str):
            raise _wrong_type(value, "text")
        return value

    def to_json(self, folders: Folders | None) -> dict[str, object]:
        record: dict[str, object] = {"kind": "text", "multiline": self.multiline}
        record["placeholder"] = self.placeholder
        return {**record, "prompt": self.prompt} if self.prompt else record


@dataclass(frozen=True, slots=True)
class ToggleWidget:
    def canonical(self, value: object, folders: Folders | None) -> object:
        if not isinstance(value, bool):
            raise _wrong_type(value, "true or false")
        return value

    def to_json(self, folders: Folders | None) -> dict[str, object]:
        return {"kind": "toggle"}


@dataclass(frozen=True, slots=True)
class ChoiceWidget:
    choices: Sequence[Scalar] | Callable[[], Sequence[str]]

    def options(self) -> Sequence[Scalar]:
        return tuple(self.choices()) if callable(self.choices) else self.choices

    def canonical(self, value: object, folders: Folders | None) -> object:
        options = self.options()
        for option in options:
            if type(option) is type(value) and option == value:
                return option
        like = nearest(value, [str(option) for option in options]) if isinstance(value, str) else ()
        instead = like or options[:1]
        listed = ", ".join(words(option) for option in options[:12]) + (", …" if len(options) > 12 else "")
        raise Refused(
            "value_not_a_choice",
            f"{words(value)} is not one of the choices",
            expected=f"one of {listed}" if options else "one of no choices at all",
            remedy=f"Choose {words(instead[0])}." if instead else "There is nothing to choose from yet.",
            instead=instead,
        )

    def to_json(self, folders: Folders | None) -> dict[str, object]:
        return {"kind": "choice", "choices": list(self.options())}


@dataclass(frozen=True, slots=True)
class FileWidget:
    folder: str
    upload: bool = False
    extensions: tuple[str, ...] = ()

    @property
    def inside(self) -> str:
        """What follows the name of a folder where folders are chosen by a file in them."""
        return next((f"/{name}" for name in self.extensions if not name.startswith(".")), "")

    def names(self, folders: Folders) -> tuple[str, ...]:
        """What there is to choose from."""
        names = folders.names(self.folder, self.extensions)
        return tuple(name.removesuffix(self.inside) for name in names if name.endswith(self.inside))

    def canonical(self, value: object, folders: Folders | None) -> object:
        """The absolute path of the file that the document names, or of the one in the folder it names."""
        if not isinstance(value, str):
            raise _wrong_type(value, "a file name")
        if folders is None:
            raise self._missing(value, ())
        try:
            path = folders.find(*located(self.folder, value + self.inside))
        except PathRefused as error:
            expected = f"a name inside the folder {self.folder}"
            remedy = "Name a file relative to its folder."
            raise Refused("path_refused", str(error), expected=expected, remedy=remedy) from error
        if path is None:
            raise self._missing(value, self.names(folders))
        return path

    def _missing(self, name: str, names: Sequence[str]) -> Refused:
        like = nearest(name, names) or names[:1]
        remedy = f"Put the file into the folder {self.folder}"
        return Refused(
            "file_not_found",
            f"there is no file {words(name)} in {self.folder}",
            expected=f"a file of the folder {self.folder}",
            remedy=f"{remedy}, or choose {words(like[0])}." if like else f"{remedy}: it holds none yet.",
            instead=like,
        )

    def to_json(self, folders: Folders | None) -> dict[str, object]:
        names = list(self.names(folders)) if folders else []
        return {"kind": "file", "folder": self.folder, "choices": names, "upload": self.upload}


@dataclass(frozen=True, slots=True)
class CurveWidget:
    min: float = 0.0
    max: float = 1.0
    shown: tuple[float, float] | None = None
    across: Across = "steps"

    def canonical(self, value: object, folders: Folders | None) -> object:
        try:
            return read_curve(value, self.min, self.max)
        except CurveFault as fault:
            expected = f"a curve with values from {self.min:g} to {self.max:g}"
            given = json.dumps(value, default=str)[:200] if isinstance(value, Mapping) else None
            raise Refused(
                fault.code, str(fault), expected=expected, remedy=fault.remedy, given=given
            ) from fault

    def to_json(self, folders: Folders | None) -> dict[str, object]:
        record: dict[str, object] = {"kind": "curve", "min": self.min, "max": self.max}
        return {**record, "shown": list(self.shown or (self.min, self.max)), "across": self.across}


Widget = NumberWidget | TextWidget | ToggleWidget | ChoiceWidget | FileWidget | CurveWidget


def document_default(default: object) -> Scalar | dict[str, object]:
    """A default as JSON: a path default is kept as the name it was written as."""
    if isinstance(default, Path):
        return default.as_posix()
    if isinstance(default, Curve):
        return default.to_json()
    return default if isinstance(default, str | int | float | bool) else None
