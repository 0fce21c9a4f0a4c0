"""Part Tune: thresholds by hand, what they keep and remove, and what speaks for another value."""

from nicegui import ui

from uvis_core.explorer.pages.evidence import Evidence
from uvis_core.explorer.pages.gallery import Gallery
from uvis_core.explorer.pages.overlay import overlay_card
from uvis_core.explorer.pages.state import PageState
from uvis_core.explorer.pages.thresholds import TITLES, Thresholds
from uvis_core.explorer.verdicts import KEPT_PLACE, nearest
from uvis_core.io.schemas.labels import CRITERIA
from uvis_core.pages.formats import format_number

EXAMPLES = 8
CLASSES_LISTED = 12
STILL_S = 0.3


def tune_part(state: PageState) -> None:
    """Build the part."""
    _Tune(state)


class _Tune:
    def __init__(self, state: PageState) -> None:
        self.state = state
        with ui.element("div").classes("columns"):
            with ui.element("div").classes("side"):
                self.thresholds = Thresholds(state, self.show, lambda score: self.evidence.follow(score))
                overlay_card(state)
            with ui.element("div").classes("main"):
                self._counts_card()
                self.evidence = Evidence(state, lambda: self.thresholds.name, self.show)
                with ui.card().classes("panel"):
                    self.above_title = ui.label().classes("heading").classes("is-above")
                    self.above = Gallery(state, small=True)
                    self.below_title = ui.label().classes("heading").classes("is-below")
                    self.below = Gallery(state, small=True)
        # Counts follow a slider at once, pictures when it stands still.
        self.wait = ui.timer(STILL_S, self.show_examples, active=False)
        state.on_tuned.append(self.show)
        state.on_split.append(self.show)
        state.on_corrected.append(self.show_counts)
        self.show()

    def _counts_card(self) -> None:
        removed = [(criterion, f"by {criterion.replace('_', ' ')}") for criterion in CRITERIA]
        columns = [
            {"name": name, "label": label, "field": name, "sortable": True, "align": "right"}
            for name, label in (("kept", "kept"), ("change", "change"), *removed)
        ]
        first = {"name": "name", "label": "class", "field": "name", "sortable": True, "align": "left"}
        with ui.card().classes("panel"):
            with ui.row().classes("total"):
                self.kept = ui.label().classes("big").classes("is-kept")
                self.kept_note = ui.label().classes("note").classes("is-kept-note")
            many = len(self.state.workspace.names) > CLASSES_LISTED
            self.table = ui.table(
                columns=[first, *columns],
                rows=[],
                row_key="name",
                pagination={"rowsPerPage": CLASSES_LISTED if many else 0},
            )
            self.table.props("dense flat" if many else "dense flat hide-bottom").classes("counts").classes(
                "is-counts"
            )
            self.table.on("rowClick", lambda e: self.thresholds.choice.set_value(e.args[1]["name"]))
            ui.label(
                "change: against the thresholds of the run; by …: removed, by the first threshold that a label fails; "
                "a click on a class moves its thresholds alone"
            ).classes("note")

    def show(self) -> None:
        """Thresholds, class, score or videos changed."""
        self.thresholds.show()
        self.show_counts()
        self.evidence.show()
        self.wait.active = True

    def show_counts(self) -> None:
        """Count labels anew."""
        state = self.state
        counts, before = state.counts(state.settings), state.counts(state.made_with)
        kept, total = int(counts[:, KEPT_PLACE].sum()), int(counts.sum())
        change = kept - int(before[:, KEPT_PLACE].sum())
        corrected = len(state.workspace.corrections.entries)
        self.kept.text = f"{format_number(kept)} kept"
        self.kept_note.text = (
            f"of {format_number(total)} ({100 * kept / max(total, 1):.1f} %), "
            + (
                f"{change:+,} against the thresholds of the run"
                if change
                else "as with the thresholds of the run"
            )
            + (
                f"; {format_number(corrected)} corrected by hand are counted as they were before"
                if corrected
                else ""
            )
        )
        self.table.rows = [
            {"name": name, "kept": int(row[KEPT_PLACE]), "change": int(row[KEPT_PLACE] - old[KEPT_PLACE])}
            | {criterion: int(row[place]) for place, criterion in enumerate(CRITERIA)}
            for name, row, old in zip(state.workspace.names, counts, before, strict=True)
        ]

    def show_examples(self) -> None:
        """Show labels just above and just below the threshold of the score that is looked at."""
        self.wait.active = False
        state, score, name = self.state, self.evidence.score, self.thresholds.name
        rows, names = state.data.rows, state.workspace.names
        threshold, what = state.threshold(score, name), TITLES[score].lower()
        found: tuple[list[int], list[int]] = ([], [])
        if threshold is None:
            self.above_title.text, self.below_title.text = f"{what} is switched off", ""
        else:
            self.above_title.text = f"Just above {what} {threshold:.2f}: kept"
            self.below_title.text = f"Just below {what} {threshold:.2f}: removed by this threshold alone"
        for place in range(len(names)) if name is None else [names.index(name)]:
            if state.threshold(score, names[place]) == threshold:
                near = nearest(rows, place, score, state.settings, state.overrides, EXAMPLES)
                for side, some in zip(found, near, strict=True):
                    side.extend(some.tolist())
        for gallery, side, sign in ((self.above, found[0], 1), (self.below, found[1], -1)):
            side.sort(key=lambda row: sign * float(rows.scores[score][row]))
            gallery.show(side[:EXAMPLES], score)
