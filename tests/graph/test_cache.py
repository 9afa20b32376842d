"""The cache keeps what is dear per byte, within its budget."""

import random
import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.cache import ENTRY_BYTES, Cache, Entry


def entry(seconds: float, size: int) -> Entry:
    return Entry((size - ENTRY_BYTES,), (), seconds)


def cache_of(budget: int) -> Cache:
    """A cache of entries whose one output says how large it is."""
    return Cache(budget, lambda value: value if isinstance(value, int) else 0)


def test_what_is_put_is_found_by_its_key() -> None:
    cache = cache_of(1000)
    put = entry(1, 100)
    cache.put("a", put)
    assert (cache.get("a"), cache.peek("a"), cache.get("b")) == (put, put, None)
    assert ("a" in cache, "b" in cache, len(cache), cache.bytes) == (True, False, 1, 100)


def test_the_fewest_seconds_per_byte_leave_first() -> None:
    cache = cache_of(1000)
    cache.put("dear and small", entry(10, 100))
    cache.put("cheap and small", entry(1, 100))
    cache.put("dear and large", entry(10, 700))
    cache.put("new", entry(5, 200))
    kept = [name in cache for name in ("dear and small", "cheap and small", "dear and large", "new")]
    assert kept == [True, False, True, True]


def test_an_entry_that_nobody_asks_for_ages_away_however_dear() -> None:
    cache = cache_of(1000)
    cache.put("dear", entry(50, 500))
    for place in range(200):
        cache.put(str(place), entry(1, 250))
        if "dear" not in cache:
            return
    raise AssertionError("the dear entry never left")


def test_an_entry_that_is_used_stays() -> None:
    cache = cache_of(1000)
    cache.put("used", entry(1, 250))
    for place in range(200):
        assert cache.get("used") is not None
        cache.put(str(place), entry(1, 250))


def test_an_entry_larger_than_the_budget_is_not_kept_and_drives_nothing_out() -> None:
    cache = cache_of(1000)
    cache.put("small", entry(1, 500))
    cache.put("huge", entry(1000, 1001))
    assert ("small" in cache, "huge" in cache) == (True, False)


def test_putting_again_replaces() -> None:
    cache = cache_of(1000)
    cache.put("a", entry(1, 600))
    cache.put("a", entry(1, 700))
    assert (len(cache), cache.bytes) == (1, 700)


def test_discarding_and_clearing_free_bytes() -> None:
    cache = cache_of(1000)
    cache.put("a", entry(1, 300))
    cache.put("b", entry(1, 300))
    cache.discard("a")
    cache.discard("gone")
    assert (len(cache), cache.bytes) == (1, 300)
    cache.clear()
    assert (len(cache), cache.bytes) == (0, 0)


def test_the_order_of_leaving_does_not_grow_without_end() -> None:
    cache = cache_of(1000)
    for _ in range(10_000):
        cache.put("a", entry(1, 100))
        cache.discard("a")
    assert len(cache._order) < 100


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(64, 600), st.floats(0, 100)), max_size=60))
def test_the_budget_always_holds(puts: list[tuple[int, int, float]]) -> None:
    cache = cache_of(1000)
    for key, size, seconds in puts:
        cache.put(str(key), entry(seconds, size))
        assert str(key) in cache
        found = [cache.peek(str(name)) for name in range(10)]
        assert cache.bytes == sum(each.bytes for each in found if each) <= 1000


def test_many_threads_may_use_it() -> None:
    cache = cache_of(10_000)

    def use(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(500):
            cache.put(str(chance.randrange(50)), entry(chance.random(), chance.randrange(64, 900)))
            cache.get(str(chance.randrange(50)))
            cache.discard(str(chance.randrange(50)))

    threads = [threading.Thread(target=use, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [cache.peek(str(name)) for name in range(50)]
    assert cache.bytes == sum(each.bytes for each in found if each) <= 10_000
