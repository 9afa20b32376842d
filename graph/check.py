"""Checks of one node of a document: its arguments and links, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from graph.checked import Checked, StepLink
from graph.context import NodeError
from graph.folders import Folders
from graph.missing import Missing
from graph.nodetype import Files, NodeType
from graph.problems import Fix, Nearest, Problem, Scalar, remove_link, scalar, set_input, set_type, words
from graph.records import INSTANCE
from graph.sockets import Conversion, Conversions, Input, Output, feeds
from graph.wanted import Named, Wanted
from graph.widgets import FileWidget, Refused, Widget
from graph.wiring import Wiring
from graph.workflow import Link, Node

Fit = tuple[int, bool, Conversion | None, bool, bool]
"""The part of a StepLink that is the same for all links between the same two sockets."""

OFFERED = 3
"""So many files are offered where none is chosen."""
FamilyOf = Callable[[Checked, str, str, Path], str]
"""The family of models of what a node would make of another file in an input: its name, and its path."""


class Checker:
    """Checks nodes one by one and gathers the Problems of all of them."""

    def __init__(
        self,
        wiring: Wiring,
        types: Mapping[str, NodeType],
        conversions: Conversions,
        folders: Folders | None,
        recorded: Mapping[Named, Wanted],
        family: FamilyOf,
    ) -> None:
        """`recorded` is what the document says of its files, `family` what a node makes of one."""
        self.problems: list[Problem] = []
        self._wiring = wiring
        self._types = types
        self._conversions = conversions
        self._folders = folders
        self._missing_files = Missing(folders, recorded) if folders else None
        self._family = family
        self._nearest = Nearest()
        self._undeclared: dict[tuple[str, str], Input] = {}
        self._fits: dict[tuple[str, str, int], Fit] = {}

    def check(self, node: Node) -> Checked:
        node_type = self._types.get(node.type)
        checked = Checked(node.id, node.type, node_type)
        if node.id in self._wiring.duplicates:
            message = f"several nodes have the id {node.id!r}"
            self._refuse(checked, "duplicate_id", message, remedy="Give each node an id of its own.")
        elif node_type is None:
            self._unknown_type(checked)
        else:
            self._inputs(checked, node, node_type)
        return checked

    def _inputs(self, checked: Checked, node: Node, node_type: NodeType) -> None:
        into = self._wiring.into(node.id)
        known = node_type.inputs_by_name
        if not node.inputs.keys() <= known.keys():
            self._unknown_values(node, known)
        if not into.keys() <= known.keys():
            if node_type.more is not None:
                self._more(checked, node_type.more, into, known)
            else:
                self._unknown_targets(checked, into, known)
        values = []
        for given in node_type.inputs:
            drawn = into.get(given.name)
            links = self._wiring.effective(drawn) if drawn else ()
            if links:
                self._links(checked, given, links)
            elif given.widget is not None:
                value = node.inputs.get(given.name)
                values.append(self._literal(checked, given, given.widget, value, gone=bool(drawn)))
            elif given.required:
                self._missing(checked, given, gone=bool(drawn))
            else:
                checked.arguments[given.name] = None
        if node_type.files is not None and self._folders is not None and not checked.errors:
            values += self._opened(checked, node_type.files, self._folders)
        checked.values = values

    def _more(
        self, checked: Checked, more: Input, into: Mapping[str, list[Link]], known: Mapping[str, Input]
    ) -> None:
        """Links into inputs that nobody has declared, of a node that takes any."""
        for name in [name for name in into if name not in known]:
            if links := self._wiring.effective(into[name]):
                given = self._undeclared.setdefault((checked.type, name), replace(more, name=name))
                self._links(checked, given, links)

    def _opened(self, checked: Checked, files: Files, folders: Folders) -> list[str]:
        """Texts for the key of the files that the node's code will open by itself."""
        try:
            found = {path: folders.digest(path) for path in files(checked.arguments, folders)}
        except NodeError as error:
            message = f"{checked.type}{f'.{error.input}' if error.input else ''}: {error}"
            self._refuse(checked, error.code, message, name=error.input, remedy=error.remedy)
            return []
        except Exception as error:  # a pack's own function, or a file that cannot be read
            self._broken(checked, "files", error)
            return []
        checked.opened = tuple(found)
        names = {path: repr(path.name) for path in found}
        checked.files = {**(checked.files or {}), **{name: path.name for path, name in names.items()}}
        return [f"{names[path]}={digest};" for path, digest in found.items()]

    def _literal(self, checked: Checked, given: Input, widget: Widget, value: object, *, gone: bool) -> str:
        """Put the canonical literal among the arguments; its text enters the key."""
        name = given.name
        if value is None:
            value = given.default
            if value is None:
                if given.required:
                    self._missing(checked, given, gone=gone)
                checked.arguments[name] = None
                return f"{name}=None;"
        try:
            canonical = widget.canonical(value, self._folders)
            text = repr(canonical) if not isinstance(canonical, Path) else self._digest(canonical)
            if isinstance(canonical, Path):
                checked.files = {**(checked.files or {}), name: str(value)}
        except Refused as refused:
            self._refused(checked, name, value, self._searched(checked, given, value) or refused)
            return ""
        except Exception as error:  # a pack's own function of choices, or a file that cannot be read
            self._broken(checked, name, error)
            return ""
        checked.arguments[name] = canonical
        return f"{name}={text};"

    def _searched(self, checked: Checked, given: Input, value: object) -> Refused | None:
        """Of a model file that is not there, what may stand in for it."""
        widget, missing = given.widget, self._missing_files
        if missing is None or not isinstance(widget, FileWidget) or not isinstance(value, str):
            return None
        return missing.refusal(widget, value, partial(self._family, checked, given.name))

    def _digest(self, path: Path) -> str:
        return self._folders.digest(path) if self._folders else ""

    def _links(self, checked: Checked, given: Input, links: Sequence[Link]) -> None:
        if len(links) > 1 and not given.list:
            remedy = "Keep one of them."
            message = f"{checked.type}.{given.name}: {len(links)} links lead into one input"
            self._refuse(checked, "too_many_links", message, name=given.name, given=len(links), remedy=remedy)
            return
        for link in links:
            source = self._wiring.nodes.get(link.source)
            if source is None:
                self._dangling(checked, given.name, f"comes from {words(link.source)}, which does not exist")
                continue
            asked = (source.type, link.output, id(given))
            fit = self._fits.get(asked)
            if fit is None:
                fit = self._fit(checked, given, link, source.type)
                if fit is None:
                    continue
                self._fits[asked] = fit
            checked.links.append(StepLink(given.name, link.source, link.output, *fit))

    def _fit(self, checked: Checked, given: Input, link: Link, source_type: str) -> Fit | None:
        """How an output of one type arrives at an input of another; None, and a Problem, if it must not."""
        declared = self._types.get(source_type)
        if declared is None:
            return 0, True, None, False, False  # its own Problem is found when it is checked
        position = declared.positions.get(link.output)
        if position is None:
            self._no_such_output(checked, given.name, link, declared)
            return None
        output = declared.outputs[position]
        found = feeds(output, given, self._conversions)
        if not found:
            self._mismatch(checked, given, output, link)
            return None
        conversion = None if found is True else found
        plain = conversion is None and not (given.list or given.lazy or given.widget)
        return position, plain, conversion, output.list, given.lazy

    # Every kind of Problem, once.

    def _refuse(
        self,
        checked: Checked,
        code: str,
        message: str,
        *,
        name: str | None = None,
        given: Scalar = None,
        expected: str = "",
        remedy: str = "",
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        checked.errors += 1
        self.problems.append(Problem(code, message, checked.id, name, given, expected, remedy, fixes))

    def _unknown_type(self, checked: Checked) -> None:
        if checked.type.startswith(INSTANCE):
            message = f"there is no sub-graph {words(checked.type[1:])} in the document"
            remedy = "Remove the node, or put the sub-graph back."
            self._refuse(checked, "unknown_type", message, given=scalar(checked.type), remedy=remedy)
            return
        like = self._nearest(checked.type, self._types, of="types")
        fixes = tuple(Fix(f"Replace it by {each}", (set_type(checked.id, each),)) for each in like)
        meant = f"Did you mean {' or '.join(like)}? Else install" if like else "Install"
        self._refuse(
            checked,
            "unknown_type",
            f"there is no node type {words(checked.type)}",
            given=scalar(checked.type),
            remedy=f"{meant} the pack that has it.",
            fixes=fixes,
        )

    def _unknown_values(self, node: Node, known: Mapping[str, Input]) -> None:
        for name in [name for name in node.inputs if name not in known]:
            shown = name if isinstance(name, str) else words(name)
            like = self._nearest(shown, known, of=node.type)
            meant = f"Did you mean {' or '.join(like)}?" if like else "Remove the value."
            message = f"{node.type} has no input {words(name)}; its value is not used"
            self.problems.append(
                Problem("unknown_input", message, node.id, shown, remedy=meant, severity="warning")
            )

    def _unknown_targets(
        self, checked: Checked, into: Mapping[str, list[Link]], known: Mapping[str, Input]
    ) -> None:
        for name in [name for name in into if name not in known]:
            like = self._nearest(name, known, of=checked.type)
            meant = f" (did you mean {' or '.join(like)}?)" if like else ""
            self._dangling(checked, name, f"leads into an input that {checked.type} does not have{meant}")

    def _dangling(self, checked: Checked, name: str, fault: str) -> None:
        message = f"{checked.type}.{words(name)[1:-1]}: the link {fault}"
        fixes = (Fix("Remove the link", (remove_link(checked.id, name),)),)
        self._refuse(checked, "dangling_link", message, name=name, remedy="Remove the link.", fixes=fixes)

    def _no_such_output(self, checked: Checked, name: str, link: Link, source_type: NodeType) -> None:
        outputs = " or ".join(source_type.positions) or "none at all"
        fault = (
            f"comes from an output {words(link.output)} that {source_type.id} does not have: it has {outputs}"
        )
        self._dangling(checked, name, fault)

    def _missing(self, checked: Checked, given: Input, *, gone: bool) -> None:
        message = f"{checked.type}.{given.name} is not given"
        if gone:
            message += ": what was linked to it is muted or bypassed"
        expected = f"a link of type {given.type_name}" + (" or a value" if given.widget else "")
        remedy = f"Connect it to an output of type {given.type_name}."
        if given.widget is not None:
            remedy = "Give it a value."
        fixes: tuple[Fix, ...] = ()
        if isinstance(given.widget, FileWidget) and self._folders is not None:
            names = given.widget.names(self._folders)
            fixes = tuple(_chosen(checked, given.name, each) for each in names[:OFFERED])
            expected = f"a file of the folder {given.widget.folder}"
            remedy = "Choose a file." if names else f"Put a file into the folder {given.widget.folder}."
        self._refuse(
            checked, "missing_input", message, name=given.name, expected=expected, remedy=remedy, fixes=fixes
        )

    def _refused(self, checked: Checked, name: str, value: object, refused: Refused) -> None:
        choices = zip(refused.labels, refused.instead, strict=True)
        fixes = (Fix(label, (set_input(checked.id, name, each),)) for label, each in choices)
        self._refuse(
            checked,
            refused.code,
            f"{checked.type}.{name}: {refused.reason}",
            name=name,
            given=scalar(value) if refused.given is None else refused.given,
            expected=refused.expected,
            remedy=refused.remedy,
            fixes=tuple(fixes),
        )

    def _broken(self, checked: Checked, name: str, error: Exception) -> None:
        message = f"{checked.type}.{name} cannot be checked: {type(error).__name__}: {error}"
        self._refuse(
            checked, "input_not_checked", message, name=name, remedy="Repair the node's pack or the file."
        )

    def _mismatch(self, checked: Checked, given: Input, output: Output, link: Link) -> None:
        kind = f"a list of {output.type_name}" if output.list else output.type_name
        expected = f"a list of {given.type_name}" if given.list else given.type_name
        message = f"{checked.type}.{given.name} takes {expected}, not {kind} of {words(link.source)}"
        remedy = f"Connect an output of type {given.type_name}."
        if given.type_name == "FILE":
            remedy = "Choose a file; a file is not linked."
        self._refuse(
            checked,
            "type_mismatch",
            message,
            name=given.name,
            given=kind,
            expected=expected,
            remedy=remedy,
            fixes=(Fix("Remove the link", (remove_link(checked.id, given.name),)),),
        )


def _chosen(checked: Checked, name: str, file: str) -> Fix:
    return Fix(f"Set to {file}", (set_input(checked.id, name, file),))
