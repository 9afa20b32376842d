"""torch counts as loaded when all of it is."""

import subprocess
import sys
from pathlib import Path

import torch

from diffusion.loaded import loaded_torch

ROOT = Path(__file__).parents[2]
WATCH = """
import sys, threading, time
from diffusion.loaded import loaded_torch
assert loaded_torch() is None
seen = []
def watch():
    while not seen or seen[-1] is None:
        seen.append(loaded_torch())
        if "torch" in sys.modules and seen[-1] is None:
            partial.set()
        time.sleep(0.001)
partial = threading.Event()
watching = threading.Thread(target=watch)
watching.start()
import torch
watching.join()
assert partial.is_set()
seen[-1].cuda.is_initialized()
"""


def test_a_torch_that_another_thread_is_importing_is_not_there_yet() -> None:
    done = subprocess.run([sys.executable, "-c", WATCH], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_here_it_is_there() -> None:
    assert loaded_torch() is torch
