"""The command line: what the commands take, and the files and servers that they are given."""

import argparse
import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from graph.problems import Problem

MOST_TOGETHER = 64
DEVICE = re.compile(r"(cuda|mps|xpu)(:\d{1,3})?|cpu")
DISK_GIGABYTES = 8.0
SHORTEST_TOKEN = 16


class Unusable(Exception):
    """Something that the command line was given cannot be used."""

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(code, message, remedy=remedy)


def read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Unusable("file_not_found", f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        remedy = "Give a workflow that the editor saved as JSON."
        raise Unusable("malformed_json", f"{path} is not JSON: {error}", remedy) from error


def ask_server(address: str, document: object) -> dict[str, Any]:
    body = json.dumps({"workflow": document}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address.rstrip('/')}/api/v1/plan", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            planned: dict[str, Any] = json.load(answer)
            return planned
    except urllib.error.HTTPError as error:
        return {"steps": [], "problems": json.load(error)["problems"]}
    except (OSError, ValueError) as error:
        raise Unusable("no_server", f"{address} does not answer: {error}") from error


def named_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE, like sampler.seed=7")
    return name, value


def bytes_of_gigabytes(text: str) -> int:
    try:
        size = int(float(text) * 2**30)
    except (ValueError, OverflowError):
        size = 0
    if size <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of gigabytes above 0, like 6 or 0.3")
    return size


def names_of_devices(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(","))
    if not all(DEVICE.fullmatch(name) for name in names):
        raise argparse.ArgumentTypeError(f"{text!r} does not name devices, like cuda:0,cuda:1")
    return names


def whole_from_1(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MOST_TOGETHER:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST_TOGETHER}")
    return int(text)


def long_token(text: str) -> str:
    if len(text) < SHORTEST_TOKEN or not text.isascii() or not text.isprintable():
        raise argparse.ArgumentTypeError(f"a token has at least {SHORTEST_TOKEN} plain characters")
    return text


def write_json(value: object, path: Path | None) -> None:
    """Into a file, or onto the terminal; text as it is."""
    text = (value if isinstance(value, str) else json.dumps(value, indent=2)) + "\n"
    if path is None:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise Unusable("unwritable", f"{path} cannot be written: {error.strerror}") from error


Commands = Mapping[str, Callable[[argparse.Namespace], int]]


def make_parser(
    functions: Commands, *, root: Path, about: str | None, formats: Sequence[str]
) -> argparse.ArgumentParser:
    """What the program takes; `functions` do its commands, each by its name."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--root", type=lambda text: Path(text).resolve(), default=root, metavar="DIR",
        help="where models, input, output, temp, user and custom_nodes lie",
    )  # fmt: skip
    common.add_argument("--no-custom-nodes", dest="custom_nodes", action="store_false")
    parser = argparse.ArgumentParser(prog="server.py", description=about)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common], help=functions[name].__doc__)
        added.set_defaults(command=functions[name])
        return added

    _serving(command("serve"))
    for name in ("run", "plan"):
        added = command(name)
        added.add_argument("file", type=Path, metavar="FILE")
        added.add_argument(
            "--target", dest="targets", action="append", metavar="NODE", help="instead of all sinks"
        )
    added.add_argument("--server", metavar="URL", help="ask a server that runs, for what it has cached")
    _running(commands.choices["run"])
    for name in ("serve", "run"):
        commands.choices[name].add_argument(
            "--check-nodes", action="store_true", help="catch nodes that change their inputs in place"
        )
        commands.choices[name].add_argument(
            "--devices", type=names_of_devices, default=(), metavar="A,B",
            help="compute on several devices at once, like cuda:0,cuda:1; each has a lane of its own",
        )  # fmt: skip
        commands.choices[name].add_argument(
            "--memory", type=bytes_of_gigabytes, metavar="GB",
            help="what networks and computing may take; else nearly all of a GPU, or half of the host's",
        )  # fmt: skip
    for name in ("serve", "run", "plan"):
        commands.choices[name].add_argument(
            "--disk-cache", type=float, default=DISK_GIGABYTES, metavar="GB",
            help="how much of the disk results may take below user/cache, by which runs survive a restart; "
            "0 keeps none (default %(default)g)",
        )  # fmt: skip
        commands.choices[name].add_argument(
            "--batch-seeds", type=whole_from_1, default=1, metavar="N",
            help="sample up to N pictures that differ in their seed only as one batch: faster, and their "
            "last bits may differ from those of each alone (default: one by one)",
        )  # fmt: skip
    added = command("replay")
    added.add_argument("file", type=Path, metavar="FILE.png")
    added.add_argument(
        "--verify", action="store_true", help="compare the pixels; the exit status is 3 if they differ"
    )
    added.add_argument("--output", type=Path, metavar="DIR", help="where the new picture is written")
    for name in ("import", "export"):
        added = command(name)
        added.add_argument("file", type=Path, metavar="FILE")
        added.add_argument("-o", "--output", type=Path, metavar="OUT", help="instead of printing it")
    added.add_argument("--format", choices=formats, default="ui", help="ui (version 0.4) if none is given")
    _about_nodes(command("nodes"))
    return parser


def _about_nodes(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "action", nargs="?", choices=("list", "packs", "test", "doc", "new"), default="list",
        help="list all nodes (the default); list packs without importing them; test a pack's nodes on "
        "generated inputs; print its page; write a new pack to start from",
    )  # fmt: skip
    added.add_argument(
        "pack", nargs="?", metavar="PACK", help="by its name in custom_nodes, for the last three"
    )
    added.add_argument(
        "-o", "--output", type=Path, metavar="OUT", help="where doc writes, instead of printing"
    )


def _serving(added: argparse.ArgumentParser) -> None:
    added.add_argument("--listen", default="127.0.0.1", metavar="ADDRESS")
    added.add_argument("--port", type=int, default=8188, help="0 takes a free one")
    added.add_argument("--safe-mode", action="store_true", help="import no pack; list those that there are")
    added.add_argument("--open", action="store_true", help="open the browser")
    guarded = added.add_mutually_exclusive_group()
    guarded.add_argument(
        "--token", type=long_token, metavar="TEXT",
        help="what clients must know; beyond loopback a new one is made and printed",
    )  # fmt: skip
    guarded.add_argument("--no-token", action="store_true", help="let everyone in who reaches the address")
    added.add_argument("--log-json", action="store_true", help="journal requests and runs on stderr")


def _running(added: argparse.ArgumentParser) -> None:
    added.add_argument("--set", type=named_value, action="append", default=[], metavar="NODE.INPUT=VALUE")
    added.add_argument(
        "--sweep", type=named_value, action="append", default=[], metavar="NODE.INPUT=VALUE,VALUE",
        help="run with each of these; of several sweeps, with all combinations",
    )  # fmt: skip
    added.add_argument("--output", type=Path, metavar="DIR", help="where results are written")
    added.add_argument(
        "--trace",
        type=Path,
        metavar="FILE",
        help="write what ran when and where, as JSON that Perfetto opens",
    )
