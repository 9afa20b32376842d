"""Progress of what is done in tiles, and the place where it can be cancelled."""

from collections.abc import Callable

from graph import Context


def told_by_tile(context: Context) -> Callable[[int, int], None]:
    """Tells how many tiles are done, and stops before the next one if the run was cancelled."""

    def on_tile(done: int, total: int) -> None:
        context.check_cancelled()
        context.progress(done, total)

    return on_tile


def warned_of_tiles(context: Context) -> Callable[[int, int], None]:
    """The same of tiles that nobody asked for, and warns: they are not quite what all at once would be."""
    tell = told_by_tile(context)

    def on_tile(done: int, total: int) -> None:
        tell(done, total)
        if done == total:
            context.warn(
                f"there was no memory for all at once: it was done in {total} parts",
                code="done_in_tiles",
                remedy="Colours may differ a little from part to part. Allow more with --memory, or take "
                "smaller or fewer pictures.",
            )

    return on_tile
