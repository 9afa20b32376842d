"""Holes that are shut by what the program does not do; and docs/security.md, which names tests that exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("server.py", "graph", "service", "nodes", "diffusion", "compat")
PAGE = ROOT / "docs/security.md"
FORBIDDEN = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "pickle.load"}
FORBIDDEN |= {"pickle.loads", "yaml.load", "marshal.loads"}
FORBIDDEN_MODULES = {"subprocess", "pip", "ensurepip", "pty", "telnetlib", "dill", "cloudpickle", "shelve"}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call by its dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield ast.unparse(node.func), node


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


def is_safe_load(call: ast.Call) -> bool:
    """`torch.load(…, weights_only=True)` makes tensors only."""
    given = {word.arg: word.value for word in call.keywords}
    only = given.get("weights_only")
    return isinstance(only, ast.Constant) and only.value is True


@pytest.mark.parametrize("package", PACKAGES)
def test_no_text_becomes_code_and_no_other_program_is_started(package: str) -> None:
    wrong = []
    for path in [ROOT / package, *(ROOT / package).rglob("*.py")]:
        if not path.is_file():
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        wrong += [f"{path}: imports {name}" for name in FORBIDDEN_MODULES & set(imported(tree))]
        for name, call in calls(tree):
            if name in FORBIDDEN or (name == "torch.load" and not is_safe_load(call)):
                wrong.append(f"{path}:{call.lineno}: {name}")
    assert wrong == []


def test_the_security_page_names_tests_that_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 20
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).is_file() or f"def {test}" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert missing == []
