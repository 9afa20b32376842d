"""A short digest that tells files of weights apart, wherever a file lies and whenever it was made."""

import hashlib
from pathlib import Path

SAMPLES, SAMPLE_BYTES = 64, 64 * 2**10  # 4 MB of a file of 4 GB: 20 ms instead of 10 s


def sampled_digest(path: Path) -> str:
    """The digest of a file's size and of evenly spread samples; small files are covered whole."""
    size = path.stat().st_size
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    last = max(size - SAMPLE_BYTES, 0)
    with path.open("rb") as file:
        for sample in range(SAMPLES):
            file.seek(last * sample // (SAMPLES - 1))
            digest.update(file.read(SAMPLE_BYTES))
    return digest.hexdigest()
