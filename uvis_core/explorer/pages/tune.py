"""Part Tune: thresholds by hand, what they keep and remove, and what speaks for another value."""

import numpy as np
from nicegui import run, ui

from uvis_core.explorer.chains import agreement
from uvis_core.explorer.distributions import SCORES, density_valley
from uvis_core.explorer.pages.charts import score_chart
from uvis_core.explorer.pages.gallery import Gallery
from uvis_core.explorer.pages.overlay import overlay_card
from uvis_core.explorer.pages.state import PageState
from uvis_core.explorer.truth import Sweep
from uvis_core.explorer.verdicts import KEPT_PLACE, nearest
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.labels import CRITERIA
from uvis_core.pages.formats import format_number

TITLES = {"objectness": "Objectness", "class_score": "Class score", "similarity": "Similarity τ"}
ALL = "all classes"
EXAMPLES = 8
AT_ONCE = 300_000
"""Up to so many crops truth and tracks are compared without being asked to."""


def tune_part(state: PageState) -> None:
    """Build the part."""
    _Tune(state)


class _Tune:
    def __init__(self, state: PageState) -> None:
        self.state = state
        self.name: str | None = None
        self.score = "similarity"
        self.sweep: Sweep | None = None
        self.fault = ""
        self.updating = False
        with ui.element("div").classes("columns"):
            with ui.element("div").classes("side"):
                self._controls()
                overlay_card(state)
            with ui.element("div").classes("main"):
                self._figures()
                self._chart()
                self._examples()
        state.on_tuned.append(self.tuned)
        state.on_split.append(self.split_changed)
        state.on_corrected.append(self.count)
        self.split_changed()

    # What is built once

    def _controls(self) -> None:
        state = self.state
        with ui.card().classes("panel"):
            ui.label("Thresholds").classes("heading")
            ui.select(
                list(state.workspace.variants),
                value=state.variant,
                label="start from labels variant",
                on_change=lambda e: state.take_variant(e.value),
            ).props("dense outlined options-dense").classes("wide").mark("variant")
            names = {ALL: ALL} | {name: name for name in state.workspace.names}
            self.class_select = (
                ui.select(
                    names, value=ALL, label="move the thresholds of", with_input=len(names) > 20,
                    on_change=lambda e: self.take_class(e.value),
                )
                .props("dense outlined options-dense")
                .classes("wide")
                .mark("class")
            )
            self.sliders = {score: self._slider(score) for score in SCORES}
            with ui.row().classes("buttons"):
                ui.button("As the run has them", on_click=lambda: state.take_variant(state.variant)).props(
                    "flat dense no-caps"
                )
                self.drop = ui.button("No own thresholds", on_click=self.drop_own).props("flat dense no-caps")
            self.own_note = ui.label().classes("note")

    def _slider(self, score: str) -> tuple[ui.switch, ui.slider, ui.number]:
        low = self.state.data.objectness_floor if score == "objectness" else 0.0
        with ui.element("div").classes("slider"):
            with ui.row().classes("slider-head"):
                switch = ui.switch(TITLES[score], on_change=lambda e: self.switched(score, e.value)).props("dense")
                number = (
                    ui.number(min=low if score == "objectness" else -1, max=1, step=0.01, format="%.2f")
                    .props("dense outlined debounce=400")
                    .classes("value")
                    .mark(f"value-{score}")
                )
            slider = ui.slider(min=low, max=1, step=0.01).props("dense").mark(f"slider-{score}")
        slider.on_value_change(lambda e: self.moved(score, e.value))
        number.on_value_change(lambda e: self.moved(score, e.value))
        return switch, slider, number

    def _figures(self) -> None:
        with ui.card().classes("panel"):
            with ui.row().classes("total"):
                self.kept = ui.label().classes("big").mark("kept")
                self.kept_note = ui.label().classes("note").mark("kept-note")
            columns = [
                {"name": "name", "label": "class", "field": "name", "align": "left", "sortable": True},
                {"name": "kept", "label": "kept", "field": "kept", "sortable": True},
                {"name": "change", "label": "change", "field": "change", "sortable": True},
                *(
                    {"name": criterion, "label": f"by {criterion.replace('_', ' ')}", "field": criterion, "sortable": True}
                    for criterion in CRITERIA
                ),
            ]
            self.table = (
                ui.table(columns=columns, rows=[], row_key="name", pagination={"rowsPerPage": 12})
                .props("dense flat")
                .classes("counts")
                .mark("counts")
            )
            self.table.on("rowClick", lambda e: self.class_select.set_value(e.args[1]["name"]))
            ui.label("change: against the run's own thresholds; by …: removed, by the first threshold that a label fails").classes("note")

    def _chart(self) -> None:
        with ui.card().classes("panel"):
            with ui.row().classes("chart-head"):
                ui.toggle(
                    {score: TITLES[score] for score in SCORES},
                    value=self.score,
                    on_change=lambda e: self.take_score(e.value),
                ).props("dense no-caps unelevated toggle-color=primary").mark("score")
                self.ask = ui.button("Compare with truth and tracks", on_click=self.compare).props("flat dense no-caps")
                self.busy = ui.spinner(size="1.2em")
                self.busy.visible = False
            self.chart = ui.plotly({"data": [], "layout": {}}).classes("chart").mark("chart")
            with ui.row().classes("facts"):
                self.truth_note = ui.label().classes("note").mark("truth")
                self.optimum = ui.button(on_click=self.take_optimum).props("outline dense no-caps").mark("optimum")
            with ui.row().classes("facts"):
                self.valley_note = ui.label().classes("note").mark("valley")
                self.take_valley_button = ui.button("Take it", on_click=self.take_valley).props("outline dense no-caps")

    def _examples(self) -> None:
        with ui.card().classes("panel"):
            self.above_title = ui.label().classes("heading")
            self.above = Gallery(self.state, small=True)
            self.below_title = ui.label().classes("heading")
            self.below = Gallery(self.state, small=True)

    # What happens

    def moved(self, score: str, value: float | None) -> None:
        """A slider or its number was moved."""
        if self.updating or value is None or self.state.threshold(score, self.name) in (None, round(value, 4)):
            return
        if score != self.score:
            self.score = score
        self.state.set_threshold(score, self.name, round(value, 4))

    def switched(self, score: str, on: bool) -> None:
        """A criterion was switched on or off; that goes for all classes."""
        if not self.updating:
            made_with = getattr(self.state.made_with, score)
            self.state.set_threshold(score, None, (0.5 if made_with is None else made_with) if on else None)

    def take_class(self, name: str) -> None:
        """The sliders now move the thresholds of a class, or of all."""
        self.name = None if name == ALL else name
        self.tuned()

    def take_score(self, score: str) -> None:
        """Another score is looked at."""
        self.score = score
        self.tuned()

    def drop_own(self) -> None:
        """The class has the thresholds of all again."""
        if self.name is not None:
            self.state.drop_own(self.name)

    def take_optimum(self) -> None:
        """Set the threshold with the best F1."""
        if self.sweep is not None and self.sweep.best is not None:
            self.state.set_threshold(self.score, self.name, self.sweep.best)

    def take_valley(self) -> None:
        """Set the threshold to the valley of the density."""
        valley = density_valley(self._histogram())
        if valley is not None:
            self.state.set_threshold(self.score, self.name, valley)

    # What is shown anew

    def split_changed(self) -> None:
        """Other videos."""
        self.sweep = None
        self.state.on_tuned  # noqa: B018
        self.tuned()

    def tuned(self) -> None:
        """Thresholds, class or score changed."""
        self._show_controls()
        self.count()
        self.sweep = None
        self._show_chart()
        self._show_examples()
        if len(self.state.data.rows) <= AT_ONCE:
            ui.timer(0.25, self.compare, once=True)

    def _show_controls(self) -> None:
        state = self.state
        self.updating = True
        for score, (switch, slider, number) in self.sliders.items():
            value = state.threshold(score, self.name)
            switch.value = value is not None
            for element in (slider, number):
                element.enabled = value is not None
                if value is not None:
                    element.value = value
        self.updating = False
        own = [name for name in state.workspace.names if state.has_own(name)]
        self.own_note.text = f"Thresholds of their own: {', '.join(own)}" if own else ""
        self.drop.visible = self.name is not None and state.has_own(self.name)

    def count(self) -> None:
        """Count labels anew."""
        state = self.state
        counts, before = state.counts(state.settings), state.counts(state.made_with)
        kept, total = int(counts[:, KEPT_PLACE].sum()), int(counts.sum())
        change = kept - int(before[:, KEPT_PLACE].sum())
        self.kept.text = f"{format_number(kept)} kept"
        corrected = len(state.workspace.corrections.entries)
        self.kept_note.text = (
            f"of {format_number(total)} ({100 * kept / max(total, 1):.1f} %), {change:+,} against the run's thresholds"
            + (f"; {corrected} corrections come on top" if corrected else "")
        )
        self.table.rows = [
            {"name": name, "kept": int(row[KEPT_PLACE]), "change": int(row[KEPT_PLACE] - old[KEPT_PLACE])}
            | {criterion: int(row[place]) for place, criterion in enumerate(CRITERIA)}
            for name, row, old in zip(state.workspace.names, counts, before, strict=True)
        ]

    def _histogram(self) -> np.ndarray:
        counts = self.state.data.histograms[self.score]
        return counts.sum(axis=0) if self.name is None else counts[self.state.workspace.names.index(self.name)]

    def _show_chart(self) -> None:
        histogram = self._histogram()
        threshold, valley = self.state.threshold(self.score, self.name), density_valley(histogram)
        tracks = None
        if "chains" in self.state.data.finished:
            place = None if self.name is None else self.state.workspace.names.index(self.name)
            tracks = agreement(self.state.data.chains, self.state.data.rows, self.score, place)
        self.chart.update_figure(score_chart(histogram, threshold, valley, tracks, self.sweep))
        self.ask.visible = len(self.state.data.rows) > AT_ONCE
        self.valley_note.text = (
            f"The density has its valley at {valley:.2f}." if valley is not None else "The density has one heap: no valley."
        )
        self.take_valley_button.visible = valley is not None and threshold not in (None, valley)
        self._show_truth()

    def _show_truth(self) -> None:
        sweep = self.sweep
        self.optimum.visible = sweep is not None and sweep.best is not None
        if self.fault:
            self.truth_note.text = self.fault
        elif not self.state.data.has_truth:
            self.truth_note.text = "These videos have no truth: the density and the tracks are all there is to go by."
        elif sweep is None:
            self.truth_note.text = ""
        else:
            name = "F1" if self.name is not None else "mean F1"
            now = "" if sweep.now is None else "Against truth: " + ", ".join(
                f"{what} –" if share < 0 else f"{what} {100 * share:.1f} %"
                for what, share in zip((name, "precision", "recall"), sweep.now, strict=True)
            )
            self.truth_note.text = now + "."
            if sweep.best is not None:
                self.optimum.text = f"Best {name}: {100 * sweep.f1.max():.1f} % at {sweep.best:.2f} – take it"

    async def compare(self) -> None:
        """Compare with truth and along tracks, beside the page's own work."""
        state, asked = self.state, (self.state.settings, self.score, self.name, self.state.split)
        if self.busy.visible:
            return
        self.busy.visible, self.fault = True, ""
        try:
            await run.io_bound(lambda: state.data.chains)
            if state.data.has_truth:
                class_id = None
                if self.name is not None:
                    class_id = int(state.data.rows.class_ids[state.workspace.names.index(self.name)])
                self.sweep = await run.io_bound(lambda: state.data.truth.sweep(asked[0], asked[1], class_id))
        except UserError as error:
            self.fault = str(error)
        finally:
            self.busy.visible = False
        now = (state.settings, self.score, self.name, state.split)
        if now != asked:
            await self.compare()
        self._show_chart()

    def _show_examples(self) -> None:
        state, settings = self.state, self.state.settings
        rows = state.data.rows
        names = state.workspace.names
        threshold = state.threshold(self.score, self.name)
        what = TITLES[self.score].lower()
        if threshold is None:
            self.above_title.text, self.below_title.text = f"{what} is switched off: no label stands at its threshold", ""
        else:
            self.above_title.text = f"Just above {what} {threshold:.2f}: kept"
            self.below_title.text = f"Just below {what} {threshold:.2f}: removed by this threshold alone"
        places = range(len(names)) if self.name is None else [names.index(self.name)]
        found: tuple[list[int], list[int]] = ([], [])
        for place in places:
            if state.threshold(self.score, names[place]) == threshold:
                for side, some in zip(found, nearest(rows, place, self.score, settings, state.overrides, EXAMPLES), strict=True):
                    side.extend(some.tolist())
        for gallery, some, sign in ((self.above, found[0], 1), (self.below, found[1], -1)):
            some.sort(key=lambda row: sign * float(rows.scores[self.score][row]))
            gallery.show(some[:EXAMPLES], self.score)
