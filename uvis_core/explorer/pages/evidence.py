"""What speaks for another threshold: the density of the score, agreement along tracks, truth where there is some."""

from collections.abc import Callable

import numpy as np
from nicegui import run, ui

from uvis_core.config.labels import LabelsSettings
from uvis_core.explorer.chains import agreement
from uvis_core.explorer.distributions import SCORES, density_valley
from uvis_core.explorer.pages.busy import BusyMark
from uvis_core.explorer.pages.charts import score_chart
from uvis_core.explorer.pages.state import PageState
from uvis_core.explorer.pages.thresholds import TITLES
from uvis_core.explorer.truth import Sweep
from uvis_core.io.errors import UserError

AT_ONCE = 300_000
"""Up to so many crops truth and tracks are compared without being asked to."""
WAIT_S = 0.3


class Evidence:
    """The card with the chart of one score.

    Args:
        state: Of the page.
        class_name: Gives the class that is looked at, None for all.
        on_score: Called when another score is chosen.

    Attributes:
        score: The score that is looked at.
    """

    def __init__(
        self, state: PageState, class_name: Callable[[], str | None], on_score: Callable[[], None]
    ) -> None:
        self.state = state
        self.score = "similarity"
        self._class_name, self._on_score = class_name, on_score
        self._sweep: Sweep | None = None
        self._valley: float | None = None
        self._fault = ""
        with ui.card().classes("panel"):
            with ui.row().classes("chart-head"):
                self._toggle = ui.toggle(
                    {score: TITLES[score] for score in SCORES}, value=self.score, on_change=self._chosen
                )
                self._toggle.props("dense no-caps unelevated toggle-color=primary").classes("is-score")
                self._ask = ui.button("Compare with truth and tracks", on_click=self.compare)
                self._ask.props("outline dense no-caps").classes("is-compare")
                self._busy = BusyMark()
            self._chart = ui.plotly({"data": [], "layout": {}}).classes("chart").classes("is-chart")
            with ui.row().classes("facts"):
                self._truth = ui.label().classes("note").classes("is-truth")
                self._optimum = (
                    ui.button(on_click=self._take_best).props("outline dense no-caps").classes("is-optimum")
                )
            with ui.row().classes("facts"):
                self._density = ui.label().classes("note").classes("is-valley")
                self._take = ui.button("Take it", on_click=self._take_valley).props("outline dense no-caps")
                self._take.classes("is-take-valley")
        self._wait = ui.timer(WAIT_S, self.compare, active=False, once=False)

    def follow(self, score: str) -> None:
        """Look at the score whose slider is moved."""
        self.score = score
        self._toggle.value = score

    def show(self) -> None:
        """Show the density for the thresholds as they are; truth and tracks follow when they stand still."""
        self._sweep, self._fault = None, ""
        self._draw()
        if len(self.state.data.rows) <= AT_ONCE:
            self._wait.active = True

    async def compare(self) -> None:
        """Compare with truth and along tracks, beside the page's own work."""
        self._wait.active = False
        if self._busy.turns:
            return
        state, asked = self.state, self._asked()
        with self._busy.turning():
            try:
                await run.io_bound(lambda: state.data.chains)
                if state.data.has_truth:
                    settings, score, name, _ = asked
                    class_id = (
                        None
                        if name is None
                        else int(state.data.rows.class_ids[state.workspace.names.index(name)])
                    )
                    sweep = await run.io_bound(lambda: state.data.truth.sweep(settings, score, class_id))
                    self._sweep = sweep if self._asked() == asked else None
            except UserError as error:
                self._fault = str(error)
        if self._asked() == asked:
            self._draw()
        else:
            self._wait.active = True

    def _asked(self) -> tuple[LabelsSettings, str, str | None, str]:
        return self.state.settings, self.score, self._class_name(), self.state.split

    def _chosen(self) -> None:
        if self._toggle.value != self.score:
            self.score = self._toggle.value
            self._on_score()

    def _take_best(self) -> None:
        if self._sweep is not None and self._sweep.best is not None:
            self.state.set_threshold(self.score, self._class_name(), self._sweep.best)

    def _take_valley(self) -> None:
        if self._valley is not None:
            self.state.set_threshold(self.score, self._class_name(), self._valley)

    def _draw(self) -> None:
        data, name = self.state.data, self._class_name()
        place = None if name is None else self.state.workspace.names.index(name)
        counts = data.histograms[self.score]
        histogram: np.ndarray = counts.sum(axis=0) if place is None else counts[place]
        threshold, self._valley = self.state.threshold(self.score, name), density_valley(histogram)
        tracks = agreement(data.chains, data.rows, self.score, place) if "chains" in data.finished else None
        self._chart.update_figure(score_chart(histogram, threshold, self._valley, tracks, self._sweep))
        self._ask.visible = len(data.rows) > AT_ONCE
        self._density.text = (
            "The density has one heap, no valley between two."
            if self._valley is None
            else f"The density has its valley at {self._valley:.2f}."
        )
        self._take.visible = self._valley is not None and threshold not in (None, self._valley)
        self._say_truth("F1" if name is not None else "mean F1")

    def _say_truth(self, name: str) -> None:
        sweep = self._sweep
        self._optimum.visible = sweep is not None and sweep.best is not None
        if self._fault:
            self._truth.text = self._fault
        elif not self.state.data.has_truth:
            self._truth.text = (
                "These videos have no truth: the density and the tracks are what there is to go by."
            )
        elif sweep is None:
            self._truth.text = ""
        else:
            shares = zip((name, "precision", "recall"), sweep.now or (), strict=False)
            texts = [f"{what} –" if share < 0 else f"{what} {100 * share:.1f} %" for what, share in shares]
            self._truth.text = f"Against truth: {', '.join(texts)}." if texts else "Switched off."
            if sweep.best is not None:
                self._optimum.text = (
                    f"Best {name}: {100 * sweep.f1.max():.1f} % at {sweep.best:.2f} – take it"
                )
