"""A field that finds a video by a part of its name, however many there are."""

from collections.abc import Callable, Sequence

from nicegui import ui

from uvis_core.explorer.search import resembling

LISTED = 300
ANY = -1


def video_field(names: Sequence[str], on_change: Callable[[int | None], None], every: str = "") -> ui.select:
    """Build it.

    Args:
        names: All videos.
        on_change: Told the place of the video in ``names``, None for all of them.
        every: What "all of them" is called; empty where one must be chosen.
    """
    head = {ANY: every} if every else {}
    places = {name: place for place, name in enumerate(names)}
    select = (
        ui.select(
            head | {place: names[place] for place in range(min(LISTED, len(names)))},
            value=ANY if every else 0,
            label="video",
            on_change=lambda e: on_change(None if e.value in (ANY, None) else e.value),
        )
        .props("dense outlined options-dense")
        .classes("field")
    )
    if len(names) > 20:
        find = ui.input("find video").props("dense outlined clearable debounce=250").classes("field")

        def listed() -> None:
            found = {places[name]: name for name in resembling(names, find.value or "", LISTED)}
            chosen = {select.value: names[select.value]} if select.value not in (ANY, None) else {}
            select.set_options(head | found | chosen, value=select.value)

        find.on_value_change(listed)
    return select


def show_place(select: ui.select, names: Sequence[str], place: int) -> None:
    """Choose a video that may not be among those that the field lists."""
    select.set_options({**dict(select.options), place: names[place]}, value=place)
