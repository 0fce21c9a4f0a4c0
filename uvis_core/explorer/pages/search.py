"""Part Search: a gallery of labels by class, video and verdict, in an order of choice, and the map of their looks."""

from html import escape

import numpy as np
from nicegui import ui

from uvis_core.explorer.pages.busy import BusyMark
from uvis_core.explorer.pages.charts import map_chart
from uvis_core.explorer.pages.gallery import Gallery, selection_bar
from uvis_core.explorer.pages.state import PageState
from uvis_core.explorer.pages.videos import video_field
from uvis_core.explorer.search import SORTS, VERDICTS, Filter, chosen_rows, page_of, sort_values
from uvis_core.pages.formats import format_number

PAGE = 24
ROWS_OF_LASSO = (
    "(event) => emit((event.points || []).map((point) => point.customdata).filter((row) => row >= 0))"
)


def search_part(state: PageState) -> None:
    """Build the part."""
    _Search(state)


class _Search:
    def __init__(self, state: PageState) -> None:
        self.state = state
        self.classes: tuple[int, ...] = ()
        self.video: int | None = None
        self.verdicts: tuple[str, ...] = ()
        self.lasso: frozenset[int] | None = None
        self.sort, self.falling, self.start = "similarity", False, 0
        self.some = np.zeros(0, np.int64)
        self.values = np.zeros(0, np.float32)
        self._filters()
        with ui.element("div").classes("columns reversed"):
            with ui.card().classes("panel"):
                selection_bar(state)
                self.gallery = Gallery(state)
                with ui.row().classes("pager"):
                    self.before = ui.button(icon="chevron_left", on_click=lambda: self.turn(-1)).props(
                        "flat dense round"
                    )
                    self.place = ui.label().classes("note").classes("is-place")
                    self.after = (
                        ui.button(icon="chevron_right", on_click=lambda: self.turn(1))
                        .props("flat dense round")
                        .classes("is-next-page")
                    )
            with ui.card().classes("panel first"):
                with ui.row().classes("chart-head"):
                    ui.label("Map of their looks").classes("heading")
                    self.draw = (
                        ui.button("Draw it", on_click=self.draw_map)
                        .props("outline dense no-caps")
                        .classes("is-draw-map")
                    )
                    self.busy = BusyMark()
                    self.whole = (
                        ui.button("Drop the lasso", on_click=lambda: self.take_lasso([]))
                        .props("flat dense no-caps")
                        .classes("is-drop-lasso")
                    )
                self.map_note = ui.label(
                    "Embeddings of a sample on a plane, the prototypes among them. A lasso shows what is inside."
                ).classes("note")
                self.chart = ui.plotly({"data": [], "layout": {}}).classes("map").classes("is-map")
                self.chart.visible = False
                self.chart.on("plotly_selected", lambda e: self.take_lasso(e.args), js_handler=ROWS_OF_LASSO)
        state.on_split.append(self.split_changed)
        state.on_tuned.append(self.find_if_verdicts)
        self.find()

    def _filters(self) -> None:
        state = self.state
        with ui.card().classes("panel"), ui.row().classes("filters") as self.filters:
            names = dict(enumerate(state.workspace.names))
            ui.select(
                names,
                multiple=True,
                value=[],
                label="classes",
                on_change=lambda e: self.take(classes=tuple(e.value)),
            ).props("dense outlined options-dense use-chips clearable").classes("field").classes("is-classes")
            self.video_box = ui.row().classes("filters")
            ui.select(
                list(VERDICTS),
                multiple=True,
                value=[],
                label="verdict",
                on_change=lambda e: self.take(verdicts=tuple(e.value)),
            ).props("dense outlined options-dense use-chips clearable").classes("field").classes(
                "is-verdicts"
            )
            ui.select(
                SORTS, value=self.sort, label="sort by", on_change=lambda e: self.take(sort=e.value)
            ).props("dense outlined options-dense").classes("field").classes("is-sort")
            ui.toggle(
                {False: "lowest first", True: "highest first"},
                value=False,
                on_change=lambda e: self.take(falling=e.value),
            ).props("dense no-caps unelevated toggle-color=primary").classes("is-order")
        self._video_field()

    def _video_field(self) -> None:
        self.video_box.clear()
        with self.video_box:
            self.video_select = video_field(
                self.state.data.rows.video_names, lambda place: self.take(video=place), "all videos"
            )

    def take(self, **values: object) -> None:
        """One of the fields has changed."""
        for name, value in values.items():
            setattr(self, name, value if value is not None or name == "video" else ())
        self.find()

    def take_lasso(self, rows: list[int]) -> None:
        """Show what is inside a lasso; all where nothing is."""
        known = self.state.data.rows
        self.lasso = frozenset(known.mask_ids[np.array(rows, np.int64)].tolist()) if rows else None
        self.find()

    def split_changed(self) -> None:
        """Other videos."""
        self.video, self.lasso = None, None
        self.chart.visible, self.draw.visible = False, True
        self._video_field()
        self.find()

    def find_if_verdicts(self) -> None:
        """The thresholds were tuned."""
        if self.verdicts:
            self.find()
        else:
            self.show()

    def turn(self, pages: int) -> None:
        """Another page of the gallery."""
        self.start = max(0, self.start + pages * PAGE)
        self.show()

    def find(self) -> None:
        """Look for the labels anew."""
        state, data = self.state, self.state.data
        wanted = Filter(self.classes, self.video, self.verdicts, self.lasso)
        self.some = chosen_rows(data.rows, wanted, state.settings, state.overrides)
        margins = data.margins if self.sort == "margin" else None
        chains = data.chains if self.sort == "disagreement" and self.video is None else None
        if self.sort == "disagreement" and self.video is not None:
            chains = data.chains_of(self.video)
        self.values = sort_values(data.rows, self.some, self.sort, margins, chains)
        self.start = 0
        self.whole.visible = self.lasso is not None
        self.show()

    def show(self) -> None:
        """Show one page of what was found."""
        places = page_of(self.values, self.falling, self.start, PAGE)
        known = len(self.values) - int(np.isnan(self.values).sum())
        note = {}
        if self.sort not in self.state.data.rows.scores:
            short = "margin" if self.sort == "margin" else "disagrees"
            note = {int(self.some[place]): f"{short} {self.values[place]:.2f}" for place in places.tolist()}
        self.gallery.show(self.some[places].tolist(), self.sort, note)
        first, last = self.start + 1, self.start + len(places)
        text = f"{format_number(first)}–{format_number(last)} of {format_number(known)}" if known else "none"
        if known < len(self.values):
            text += f"; of {format_number(len(self.values) - known)} more this is not known"
        self.place.text = text
        self.before.enabled, self.after.enabled = self.start > 0, last < known

    async def draw_map(self) -> None:
        """Read embeddings of a sample and draw them."""
        state = self.state
        found = await self.busy.compute(lambda: state.data.map)
        if found is None:
            return
        names = [escape(name, quote=False) for name in state.workspace.names]
        self.chart.update_figure(map_chart(found, state.data.rows.classes(found.rows), names))
        self.chart.visible, self.draw.visible = True, False
        self.map_note.text = (
            f"{format_number(len(found.rows))} of {format_number(len(state.data.rows))} crops by their two principal "
            f"axes ({100 * found.explained:.0f} % of the variance); ◆ prototypes. Draw a lasso: the gallery shows "
            "what is inside."
        )
