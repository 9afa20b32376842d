"""What a run that waits will need stays in the cache, as long as it waits."""

from graph.entry import Entry
from service.engine import Engine
from tests.service.conftest import Service, chain


async def test_what_a_waiting_run_needs_leaves_last_and_is_let_go_when_it_has_ended(
    service: Service, engine: Engine
) -> None:
    cache = engine.cache
    await service.run(chain("Nap", value=7))
    await service.post("queue/pause", {})
    run = await service.start(chain("Film", value=7))
    keys = [step.key for step in engine.order(chain("Film", value=7)).plan.steps]
    known = next(key for key in keys if key in cache)
    entry = cache.peek(known)
    assert entry is not None

    def crowd() -> None:
        """Results that are worth more fill the cache."""
        for number in range(40):
            large = Entry(("x" * (cache.budget_bytes // 10) + str(number),), (), 1e6 + number)
            cache.put(f"large {number}", large)

    crowd()
    assert known in cache
    await service.post(f"runs/{run}/cancel", {})
    crowd()
    assert known not in cache
