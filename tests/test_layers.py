"""The dependency direction of docs/architecture.md, read from the imports themselves."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {
    "graph",
    "diffusion",
    "nodes",
    "service",
    "compat",
    "training",
    "server",
    "benchmarks",
    "tools",
    "custom_nodes",
}

ALLOWED = {
    "graph": {"graph", "networkx"},
    "diffusion": {"diffusion", "torch", "numpy", "einops", "safetensors", "PIL", "ftfy"},
    "nodes": {"nodes", "graph", "diffusion", "torch", "numpy", "einops", "PIL"},
    "service": {"service", "graph", "aiohttp", "PIL"},
    "training": {"training", "diffusion", "torch", "numpy", "einops", "safetensors", "PIL", "resvg_py"},
}


def imported_packages(file: Path) -> Iterator[tuple[str, int]]:
    """Top-level package and line of every import, at any depth of the file."""
    for statement in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            for name in statement.names:
                yield name.name.split(".")[0], statement.lineno
        elif isinstance(statement, ast.ImportFrom) and statement.level == 0:
            yield (statement.module or "").split(".")[0], statement.lineno


@pytest.mark.parametrize("layer", ALLOWED)
def test_a_layer_imports_only_what_it_may(layer: str) -> None:
    files = sorted((ROOT / layer).rglob("*.py"))
    assert files, f"{layer}/ has no modules"
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {package}"
        for file in files
        for package, line in imported_packages(file)
        if package not in ALLOWED[layer] and package not in sys.stdlib_module_names
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_composition_root_imports_compat() -> None:
    wrong = [
        str(file.relative_to(ROOT))
        for folder in sorted(OURS - {"compat", "server"})
        for file in sorted((ROOT / folder).rglob("*.py"))
        if any(package == "compat" for package, _ in imported_packages(file))
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("package", ["graph", "nodes", "service"])
def test_importing_it_does_not_import_torch(package: str) -> None:
    code = (
        f"import importlib, pkgutil, sys, {package}\n"
        f"for module in pkgutil.walk_packages({package}.__path__, '{package}.'):\n"
        "    importlib.import_module(module.name)\n"
        "assert 'torch' not in sys.modules, 'torch was imported'"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
