"""The disk tier: what was written is read again, or not at all."""

import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from graph.artifacts import Artifact
from graph.cache import Cache
from graph.checked import Checked, StepLink
from graph.disk import INLINE_BYTES, LEFTOVER_SECONDS, ROW_BYTES, Disk, Torn
from graph.entry import Entry
from tests.graph.stored import JsonCodec, disk_in, made

ROOT = str(Path(__file__).parents[2])
LONG = "x" * (2 * INLINE_BYTES)
A, B, C, D = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)


def put(disk: Disk, key: str, entry: Entry) -> None:
    disk.put(key, entry)
    assert disk.flush(5)


def outputs(disk: Disk, key: str) -> tuple[object, ...]:
    stored = disk.find(key)
    assert stored is not None
    return disk.load(stored)


@pytest.mark.parametrize("value", [7, "short", None, [1.5, "é"], LONG], ids=repr)
def test_what_is_put_is_found_by_the_next_process(tmp_path: Path, value: object) -> None:
    disk = disk_in(tmp_path)
    artifact = Artifact("image", "output", "x.png", 3, 4)
    entry = Entry((value, 1), (artifact,), 2.5)
    put(disk, A, entry)
    assert disk.close()
    again = disk_in(tmp_path)
    stored = again.find(A)
    assert stored is not None
    assert (stored.artifacts, stored.seconds, stored.made) == ((artifact,), 2.5, entry.made)
    assert again.load(stored) == (value, 1)
    assert (again.find(B), len(again), again.kept_bytes) == (None, 1, stored.bytes)


def test_two_that_are_open_see_what_the_other_writes_and_removes(tmp_path: Path) -> None:
    one, two = disk_in(tmp_path), disk_in(tmp_path)
    put(one, A, made(1))
    put(two, B, made(LONG))
    one.refresh()
    two.refresh()
    assert [outputs(disk, key) for disk in (one, two) for key in (A, B)] == [(1,), (LONG,)] * 2
    one.discard(B)
    two.refresh()
    assert (two.find(B), two.find(A) is not None) == (None, True)


def test_what_another_has_removed_since_is_torn_and_forgotten(tmp_path: Path) -> None:
    one, two = disk_in(tmp_path), disk_in(tmp_path)
    put(one, A, made(LONG))
    two.refresh()
    stored = two.find(A)
    assert stored is not None
    one.discard(A)
    with pytest.raises(Torn):
        two.load(stored)
    assert two.find(A) is None


def test_an_index_that_cannot_be_written_any_more_harms_no_run(tmp_path: Path) -> None:
    disk = disk_in(tmp_path)
    put(disk, A, made(LONG))
    (file,) = tmp_path.glob("aa/*")
    file.unlink()
    disk._index._database.close()
    with pytest.raises(Torn):
        outputs(disk, A)
    assert disk.find(A) is None
    put(disk, B, made(LONG))
    assert (disk.find(B), [*tmp_path.glob("bb/*")]) == (None, [])


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_torn_file_is_dropped(tmp_path: Path, cut: int) -> None:
    disk = disk_in(tmp_path)
    put(disk, A, made(LONG))
    (file,) = tmp_path.glob("aa/*")
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(Torn):
        outputs(disk, A)
    assert (disk.find(A), file.exists(), len(disk_in(tmp_path))) == (None, False, 0)


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    disk = disk_in(tmp_path)
    put(disk, A, made(LONG))
    (file,) = tmp_path.glob("aa/*")
    data = bytearray(file.read_bytes())
    data[1000] = ord("y")  # still JSON
    file.write_bytes(data)
    with pytest.raises(Torn, match="damaged"):
        outputs(disk, A)


def test_a_damaged_index_is_begun_anew(tmp_path: Path) -> None:
    disk = disk_in(tmp_path)
    put(disk, A, made(1))
    disk.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.write_bytes(b"no database" * 1000)
    again = disk_in(tmp_path)
    assert len(again) == 0
    put(again, B, made(2))
    assert outputs(again, B) == (2,)


def test_an_index_of_another_version_is_begun_anew(tmp_path: Path) -> None:
    disk = disk_in(tmp_path)
    put(disk, A, made(1))
    disk.close()
    with sqlite3.connect(tmp_path / "index.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    assert len(disk_in(tmp_path)) == 0


def test_what_a_crash_has_left_is_swept_when_it_is_old(tmp_path: Path) -> None:
    disk = disk_in(tmp_path)
    put(disk, A, made(LONG))
    old, young = tmp_path / "aa" / "1-1.tmp", tmp_path / "aa" / f"{B}.safetensors"
    for path in (old, young, *tmp_path.glob("aa/*")):
        path.touch()
    long_ago = old.stat().st_mtime - LEFTOVER_SECONDS - 1
    for path in tmp_path.glob("aa/*"):
        if path != young:
            os.utime(path, (long_ago, long_ago))
    put(disk_in(tmp_path), C, made(1))  # by the thread that writes, so that no start waits for it
    assert {path.name for path in tmp_path.glob("aa/*")} == {young.name, f"{A}.safetensors"}


def test_other_code_finds_nothing_and_its_results_leave_first(tmp_path: Path) -> None:
    old = disk_in(tmp_path, 4 * INLINE_BYTES, generation="old")
    put(old, A, made("x" * INLINE_BYTES, seconds=1000))
    new = disk_in(tmp_path, 4 * INLINE_BYTES, generation="new")
    assert new.find(A) is None
    for key in (B, C, D):
        put(new, key, made("x" * INLINE_BYTES, seconds=1))
    assert [new.find(key) is not None for key in (B, C, D)] == [True, True, True]
    assert len(disk_in(tmp_path, generation="old")) == 0


def test_the_fewest_seconds_per_byte_leave_first_and_the_budget_holds(tmp_path: Path) -> None:
    disk = disk_in(tmp_path, 4 * INLINE_BYTES)
    for key, seconds in ((A, 3), (B, 1), (C, 2), (D, 4)):
        put(disk, key, made("x" * INLINE_BYTES, seconds))
    assert [disk.find(key) is not None for key in (A, B, C, D)] == [True, False, True, True]
    assert disk.kept_bytes <= 4 * INLINE_BYTES
    assert sum(path.stat().st_size for path in tmp_path.glob("??/*")) <= 4 * INLINE_BYTES


def test_what_a_plan_wants_stays_however_cheap_it_was(tmp_path: Path) -> None:
    disk = disk_in(tmp_path, 4 * INLINE_BYTES)
    cache = Cache(10**6, disk=disk)
    cache.want("run", [B])
    for key, seconds in ((A, 3), (B, 1), (C, 2), (D, 4)):
        put(disk, key, made("x" * INLINE_BYTES, seconds))
    assert [disk.find(key) is not None for key in (A, B, C, D)] == [True, True, False, True]


def test_what_is_used_is_worth_more_than_what_nobody_asked_for(tmp_path: Path) -> None:
    disk = disk_in(tmp_path, 4 * INLINE_BYTES)
    for key in (A, B):
        put(disk, key, made("x" * INLINE_BYTES, seconds=1.01))
    for number in range(20):
        put(disk, f"{number:032x}", made("x" * INLINE_BYTES))
        assert outputs(disk, A)
    assert disk.find(B) is None


def test_what_is_faster_made_than_read_is_not_written_unless_it_left_artifacts(tmp_path: Path) -> None:
    disk = disk_in(tmp_path)
    put(disk, A, made(1, seconds=0.0001))
    put(disk, B, Entry((), (Artifact("text", text="1"),), 0.0001))
    assert (disk.find(A), outputs(disk, B)) == (None, ())


def test_values_that_must_not_be_stored_and_results_beyond_half_the_budget_are_not(tmp_path: Path) -> None:
    disk = disk_in(tmp_path, 2 * INLINE_BYTES)
    put(disk, A, made(object()))
    put(disk, B, made("x" * (INLINE_BYTES - ROW_BYTES)))
    assert (len(disk), list(tmp_path.glob("??/*"))) == (0, [])


def test_what_was_changed_before_it_was_written_is_not_stored(tmp_path: Path) -> None:
    began, may_go_on = threading.Event(), threading.Event()

    class Slow(JsonCodec):
        def pack(self, outputs: object) -> bytes | None:
            began.set()
            assert may_go_on.wait(5)
            return super().pack(outputs)  # type: ignore[arg-type]

    disk = Disk(tmp_path, 10**6, Slow())
    value = [1, 2]
    disk.put(A, made(value))
    assert began.wait(5)
    value.append(3)
    may_go_on.set()
    assert disk.flush(5)
    assert disk.find(A) is None


def test_what_is_discarded_while_it_is_written_does_not_appear(tmp_path: Path) -> None:
    began, may_go_on = threading.Event(), threading.Event()

    class Slow(JsonCodec):
        def pack(self, outputs: object) -> bytes | None:
            began.set()
            assert may_go_on.wait(5)
            return super().pack(outputs)  # type: ignore[arg-type]

    disk = Disk(tmp_path, 10**6, Slow())
    disk.put(A, made(1))
    assert began.wait(5)
    disk.discard(A)
    may_go_on.set()
    assert disk.close()
    assert len(disk_in(tmp_path)) == 0


def test_writing_never_holds_up_who_puts(tmp_path: Path) -> None:
    may_go_on = threading.Event()

    class Slow(JsonCodec):
        def pack(self, outputs: object) -> bytes | None:
            assert may_go_on.wait(5)
            return super().pack(outputs)  # type: ignore[arg-type]

    disk = Disk(tmp_path, 10**6, Slow())
    for key in (A, B, C):
        disk.put(key, made(1))
    assert not disk.flush(0.01)
    may_go_on.set()
    assert disk.flush(5)
    assert len(disk) == 3


def test_a_disk_that_refuses_leaves_the_result_in_memory(tmp_path: Path) -> None:
    disk = disk_in(tmp_path)
    (tmp_path / "aa").touch()  # where the folder should be
    put(disk, A, made(LONG))
    put(disk, B, made(LONG))
    assert (disk.find(A), outputs(disk, B)) == (None, (LONG,))


def test_what_nodes_were_made_of_is_remembered_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.index.MOST_NODES", 3)
    disk = disk_in(tmp_path)
    links = [StepLink("a", "n", "INT", 2)]
    for number in range(5):
        step = Checked(
            f"n{number}", "Add", key=f"{number:032x}", prefix="'Add' 1", values=[f"b={number};"],
            links=links, above=["a<k.'INT'"], salt="é", files={"b": "x.png"},
        )  # fmt: skip
        disk.put(step.key, made(number), step)
    disk.close()
    again = disk_in(tmp_path)
    found = again.last("n4", "Add")
    assert found == replace(step, links=[StepLink("a", "n", "INT", 0)])
    assert [again.last(f"n{number}", "Add") is not None for number in range(5)] == [False] * 2 + [True] * 3
    assert again.last("n4", "Other") is None


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.graph.stored import disk_in, made
disk = disk_in(Path({folder!r}))
print("ready", flush=True)
for number in range(10_000):
    disk.put(f"{{number:032x}}", made([number] * 20_000))
    disk.flush()
"""


def test_a_writer_killed_at_any_moment_leaves_only_whole_results(tmp_path: Path) -> None:
    code = WRITER.format(root=ROOT, folder=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    watching = disk_in(tmp_path)
    while len(watching) < 20:
        watching.refresh()
    process.kill()
    process.wait()
    process.stdout.close()
    again = disk_in(tmp_path)
    found = [again.find(f"{number:032x}") for number in range(len(again))]
    assert len(again) >= 20
    for number, stored in enumerate(found):
        assert stored is not None
        assert again.load(stored) == ([number] * 20_000,)


SHARER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from graph.disk import INLINE_BYTES
from tests.graph.stored import disk_in, made
disk = disk_in(Path({folder!r}), 40 * INLINE_BYTES)
for number in range({first}, {first} + 60):
    disk.put(f"{{number:032x}}", made([number] * 10_000, seconds=number))
assert disk.close(30)
"""


def test_processes_that_write_and_evict_at_once_tear_nothing(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", SHARER.format(root=ROOT, folder=str(tmp_path), first=first)])
        for first in (0, 30)
    ]
    assert [writer.wait(30) for writer in writers] == [0, 0]
    disk = disk_in(tmp_path, 40 * INLINE_BYTES)
    assert 10 < len(disk) < 90
    assert disk.kept_bytes <= 40 * INLINE_BYTES + 2 * 10_000 * 5  # each may have made room for its last
    for number in range(90):
        stored = disk.find(f"{number:032x}")
        if stored is not None:
            assert disk.load(stored) == ([number] * 10_000,)
