"""Progress of what is done in tiles, and the place where it can be cancelled."""

from collections.abc import Callable

from graph import Context


def told_by_tile(context: Context) -> Callable[[int, int], None]:
    """Tells how many tiles are done, and stops before the next one if the run was cancelled."""

    def on_tile(done: int, total: int) -> None:
        context.check_cancelled()
        context.progress(done, total)

    return on_tile
