"""Part Correct: labels that look wrong, one after the other, and everything that was said of them so far."""

import numpy as np
from nicegui import ui

from uvis_core.explorer.pages.busy import BusyMark
from uvis_core.explorer.pages.gallery import Gallery, selection_bar
from uvis_core.explorer.pages.state import PageState
from uvis_core.explorer.search import Filter, chosen_rows, page_of, sort_values
from uvis_core.io.schemas.labels import KEPT

QUEUES = {
    "disagreement": "kept, but of another class than the rest of its track",
    "margin": "kept, but two classes are about equally likely",
    "similarity": "kept, but least like the prototype of its class",
}
PAGE = 12
LISTED = 200


def correct_part(state: PageState) -> None:
    """Build the part."""
    _Correct(state)


class _Correct:
    def __init__(self, state: PageState) -> None:
        self.state = state
        self.queue, self.asked = "disagreement", False
        with ui.element("div").classes("columns reversed"):
            with ui.card().classes("panel"):
                with ui.row().classes("chart-head"):
                    ui.select(
                        QUEUES,
                        value=self.queue,
                        label="look at labels that are",
                        on_change=lambda e: self.take_queue(e.value),
                    ).props("dense outlined options-dense").classes("queue").classes("is-queue")
                    ui.button("Find them", on_click=self.find).props("outline dense no-caps").classes(
                        "is-find"
                    )
                    self.busy = BusyMark()
                selection_bar(state)
                self.note = ui.label(
                    "Labels that were corrected leave the list when it is made anew."
                ).classes("note")
                self.gallery = Gallery(state)
            with ui.element("div").classes("main"):
                with ui.card().classes("panel"):
                    self.title = ui.label().classes("heading").classes("is-corrections")
                    self.table = (
                        ui.table(
                            columns=[
                                {"name": "mask", "label": "mask", "field": "mask", "align": "left"},
                                {"name": "said", "label": "correction", "field": "said", "align": "left"},
                            ],
                            rows=[],
                            row_key="mask",
                            selection="multiple",
                            pagination={"rowsPerPage": 10},
                        )
                        .props("dense flat")
                        .classes("counts")
                        .classes("is-list")
                    )
                    with ui.row().classes("buttons"):
                        ui.button("Take back the chosen ones", on_click=self.take_back).props(
                            "flat dense no-caps"
                        ).classes("is-take-back")
                        ui.button(
                            "Undo",
                            icon="undo",
                            on_click=lambda: state.act(state.workspace.corrections.undo, "as before"),
                        ).props("flat dense no-caps")
                with ui.card().classes("panel"):
                    ui.label("Train on them").classes("heading")
                    ui.label(
                        f"Every action is in {state.workspace.corrections.path} at once. The labels stage applies it "
                        "where the configuration names it:"
                    ).classes("note")
                    with ui.element("div").classes("command"):
                        ui.label(
                            f"labels: {{corrections: {state.workspace.corrections.path.as_posix()}}}"
                        ).classes("is-config-line")
        state.on_corrected.append(self.show_list)
        state.on_split.append(self.show_list)
        self.show_list()

    def take_queue(self, queue: str) -> None:
        """Another list."""
        self.queue = queue

    async def find(self) -> None:
        """Make the list."""
        state, queue = self.state, self.queue
        found = await self.busy.compute(lambda: suspicious(state, queue))
        if found is None:
            return
        rows, values = found
        if queue == "disagreement":
            rows, values = rows[values > 0], values[values > 0]
        places = page_of(values, queue == "disagreement", 0, PAGE)
        words = {"disagreement": "disagrees", "margin": "margin"}
        note = (
            {int(rows[place]): f"{words[queue]} {values[place]:.2f}" for place in places.tolist()}
            if queue in words
            else {}
        )
        self.gallery.show(rows[places].tolist(), queue, note)
        self.note.text = "The worst first. Labels that were corrected leave the list when it is made anew."

    def take_back(self) -> None:
        """Say nothing of the labels that are chosen in the list any more."""
        chosen = [int(row["mask"]) for row in self.table.selected]
        self.table.selected.clear()
        self.state.act(lambda: self.state.workspace.corrections.remove(chosen), "without correction again")

    def show_list(self) -> None:
        """List the corrections, the last one first."""
        entries = list(self.state.workspace.corrections.entries.items())[::-1]
        self.title.text = f"{len(entries)} correction{'' if len(entries) == 1 else 's'}"
        # As text, because a browser's numbers do not hold 64 bits.
        self.table.rows = [
            {"mask": str(mask_id), "said": f"{one.verdict} {one.class_name}".strip()}
            for mask_id, one in entries[:LISTED]
        ]
        self.table.update()


def suspicious(state: PageState, queue: str) -> tuple[np.ndarray, np.ndarray]:
    """Kept labels without a correction, and what makes them suspicious; of a sample of the videos for disagreement."""
    data = state.data
    some = chosen_rows(data.rows, Filter(verdicts=(KEPT,)), state.settings, state.overrides)
    done = np.fromiter(
        state.workspace.corrections.entries, np.int64, len(state.workspace.corrections.entries)
    )
    some = some[~np.isin(data.rows.mask_ids[some], done)]
    margins = data.margins if queue == "margin" else None
    chains = data.chains if queue == "disagreement" else None
    return some, sort_values(data.rows, some, queue, margins, chains)
