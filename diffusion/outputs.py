"""Files that appear complete or not at all, each under the first free number of its name."""

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_numbered(folder: Path, stem: str, suffix: str, write: Callable[[Path], None]) -> str:
    """Let `write` fill stem_00001_.suffix, or the next number that is free; returns the file's name."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=".tmp")
    os.close(handle)
    try:
        write(Path(temporary))
        os.chmod(temporary, 0o644)  # mkstemp's files are private
        return claim(Path(temporary), folder, stem, suffix)
    finally:
        Path(temporary).unlink(missing_ok=True)


def claim(file: Path, folder: Path, stem: str, suffix: str) -> str:
    """Give a finished file the first free number; two that save at once get different ones."""
    number = last_number(folder, stem)
    while True:
        number += 1
        name = f"{stem}_{number:05}_{suffix}"
        try:
            os.link(file, folder / name)
        except FileExistsError:
            continue
        except OSError:  # a file system without hard links: reserve the name, then replace it
            (folder / name).touch(exist_ok=False)
            file.replace(folder / name)
        return name


def last_number(folder: Path, stem: str) -> int:
    """The highest number that a file of this stem has."""
    pattern = re.compile(rf"{re.escape(stem)}_(\d+)_?\..*", re.IGNORECASE)
    found = (pattern.fullmatch(name) for name in os.listdir(folder))
    return max((int(match[1]) for match in found if match), default=0)
