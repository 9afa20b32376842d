"""Run every check of the project: `python tools/check.py [--only NAME …]`.

Each check is a command; all of them run even when one fails, and the last line counts them.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 20 * 60
"""Seconds after which a check has hung."""
BIN = Path(sys.executable).parent
sys.path.insert(0, str(ROOT))

from tools.setup import find_chromium  # noqa: E402  (the path is set on the line above)


def checks() -> dict[str, list[str]]:
    """The commands by name, in the order in which they run: the quick ones first."""
    node = shutil.which("node") or str(BIN / "node")
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", str(os.cpu_count() or 1), "--dist", "loadscope"]
    return {
        "ruff": [str(BIN / "ruff"), "check", "."],
        "format": [str(BIN / "ruff"), "format", "--check", "."],
        "mypy": [str(BIN / "mypy")],
        "tsc": [node, "node_modules/typescript/bin/tsc", "-p", "web/tsconfig.json", "--noEmit"],
        "web": [node, "--test", *files("tests/web", "*.test.js")],
        "python": pytest,
        "browser": [node, "--test", "--test-concurrency=1", *files("tests/browser", "*.test.mjs")],
    }


def files(folder: str, pattern: str) -> list[str]:
    """Test files by path: Node 20 takes no patterns."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob(pattern))


def run(name: str, command: list[str]) -> bool:
    print(f"\n=== {name}: {' '.join(command[:6])}{' …' if len(command) > 6 else ''}", flush=True)
    start = time.monotonic()
    environment = os.environ | {"PYTHON": sys.executable, "CHROMIUM": find_chromium() or ""}
    if name == "python":
        # One worker a core: threads inside each would only wait for one another (18 s against 175 s).
        environment["OMP_NUM_THREADS"] = "1"
    passed = finish(subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True))
    print(f"=== {name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - start:.0f} s", flush=True)
    return passed


def finish(process: subprocess.Popen[bytes]) -> bool:
    """Wait for a check; one that hangs, or is interrupted, ends with all that it started."""
    try:
        return process.wait(LIMIT) == 0
    except subprocess.TimeoutExpired:
        print(f"=== no end after {LIMIT} s", flush=True)
        return False
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", choices=list(checks()), help="run just these")
    chosen = parser.parse_args().only
    results = {name: run(name, command) for name, command in checks().items() if not chosen or name in chosen}
    failed = [name for name, passed in results.items() if not passed]
    print(
        f"\nchecks: {len(results) - len(failed)} passed, {len(failed)} failed",
        "".join(f" {n}" for n in failed),
    )
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
