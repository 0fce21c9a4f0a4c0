"""The sliders: thresholds of all classes, or one class's own."""

from collections.abc import Callable

from nicegui import ui

from uvis_core.explorer.distributions import SCORES
from uvis_core.explorer.pages.slider import Slider
from uvis_core.explorer.pages.state import PageState

TITLES = {"objectness": "Objectness", "class_score": "Class score", "similarity": "Similarity τ"}
ALL = "all classes"
FIELD = "dense outlined options-dense"
SWITCHED_ON = 0.5
"""Where a criterion begins that the run has switched off."""


class Thresholds:
    """The card with the sliders; what they set is the page's state.

    Args:
        state: Of the page.
        on_class: Called when the sliders move the thresholds of another class.
        on_score: Called with the score whose slider was moved, before the state changes.

    Attributes:
        name: The class whose thresholds the sliders move; None for all.
    """

    def __init__(
        self, state: PageState, on_class: Callable[[], None], on_score: Callable[[str], None]
    ) -> None:
        self.state = state
        self.name: str | None = None
        self._on_class, self._on_score = on_class, on_score
        self._showing = False
        with ui.card().classes("panel"):
            ui.label("Thresholds").classes("heading")
            ui.select(
                list(state.workspace.variants),
                value=state.variant,
                label="start from labels variant",
                on_change=lambda e: state.take_variant(e.value),
            ).props(FIELD).classes("wide").classes("is-variant")
            names = [ALL, *state.workspace.names]
            self.choice = ui.select(
                names,
                value=ALL,
                label="move the thresholds of",
                with_input=len(names) > 20,
                on_change=lambda e: self._take_class(e.value),
            )
            self.choice.props(FIELD).classes("wide").classes("is-class")
            self._sliders = {score: self._slider(score) for score in SCORES}
            with ui.row().classes("buttons"):
                again = ui.button("As the run has them", on_click=lambda: state.take_variant(state.variant))
                self._drop = ui.button("No own thresholds", on_click=self._drop_own)
                for button in (again, self._drop):
                    button.props("flat dense no-caps")
            self._own = ui.label().classes("note")

    def _slider(self, score: str) -> tuple[ui.switch, Slider, ui.number]:
        low = self.state.data.objectness_floor if score == "objectness" else 0.0
        with ui.element("div").classes("slider"):
            with ui.row().classes("slider-head"):
                switch = ui.switch(TITLES[score]).props("dense").classes(f"is-switch-{score}")
                number = ui.number(min=low if score == "objectness" else -1, max=1, step=0.01, format="%.2f")
                number.props("dense outlined debounce=400").classes("value").classes(f"is-value-{score}")
            slider = Slider(min=low, max=1, step=0.01).props("dense").classes(f"is-slider-{score}")
        switch.on_value_change(lambda e: self._switched(score, e.value))
        slider.on_value_change(lambda e: self._moved(score, e.value))
        number.on_value_change(lambda e: self._moved(score, e.value))
        return switch, slider, number

    def _moved(self, score: str, value: float | None) -> None:
        """A slider or its number was moved."""
        if (
            self._showing
            or value is None
            or self.state.threshold(score, self.name) in (None, round(value, 4))
        ):
            return
        self._on_score(score)
        self.state.set_threshold(score, self.name, round(value, 4))

    def _switched(self, score: str, on: bool) -> None:
        """A criterion was switched on or off; that goes for all classes."""
        if not self._showing:
            made_with = getattr(self.state.made_with, score)
            self.state.set_threshold(score, None, (made_with or SWITCHED_ON) if on else None)

    def _take_class(self, name: str) -> None:
        self.name = None if name == ALL else name
        self._on_class()

    def _drop_own(self) -> None:
        if self.name is not None:
            self.state.drop_own(self.name)

    def show(self) -> None:
        """Show the thresholds as they are."""
        state = self.state
        self._showing = True
        for score, (switch, slider, number) in self._sliders.items():
            value = state.threshold(score, self.name)
            switch.value = value is not None
            for element in (slider, number):
                element.enabled = value is not None
                if value is not None:
                    element.value = value
        self._showing = False
        own = [name for name in state.workspace.names if state.has_own(name)]
        self._own.text = f"Thresholds of their own: {', '.join(own)}" if own else ""
        self._drop.visible = self.name is not None and state.has_own(self.name)
