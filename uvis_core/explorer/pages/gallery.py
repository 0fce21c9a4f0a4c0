"""Labels as a gallery of cards: what each is, and the buttons that correct it."""

from collections.abc import Sequence

import numpy as np
from nicegui import ui

from uvis_core.explorer.pages.pictures import crop_address
from uvis_core.explorer.pages.state import PageState
from uvis_core.explorer.verdicts import KEPT_PLACE, verdicts_of
from uvis_core.io.schemas.labels import CRITERIA

VALUES = {"objectness": "obj", "class_score": "score", "similarity": "sim"}


class Gallery:
    """Cards of some labels.

    Args:
        state: Of the page.
        small: Whether cards have no buttons but that for choosing.
    """

    def __init__(self, state: PageState, small: bool = False) -> None:
        self.state = state
        self.small = small
        self.rows: Sequence[int] = ()
        self.note: dict[int, str] = {}
        self.highlighted = ""
        self.box = ui.element("div").classes("gallery small" if small else "gallery")
        self.cards: dict[int, tuple[ui.element, ui.label]] = {}
        state.on_corrected.append(self.show_corrections)
        state.on_selected.append(self.show_selection)

    def show(self, rows: Sequence[int], highlighted: str = "", note: dict[int, str] | None = None) -> None:
        """Show these rows, in this order.

        Args:
            rows: Row numbers.
            highlighted: Name of a score that is written in bold.
            note: A text of its own by row.
        """
        self.rows, self.highlighted, self.note = list(rows), highlighted, note or {}
        self.box.clear()
        self.cards = {}
        with self.box:
            if not self.rows:
                ui.label("No labels here.").classes("note")
            verdicts = self._verdicts()
            for row, verdict in zip(self.rows, verdicts, strict=True):
                self._card(row, verdict)
        self.show_corrections()
        self.show_selection()

    def _verdicts(self) -> list[str]:
        state = self.state
        some = np.array(self.rows, dtype=np.int64)
        places = verdicts_of(state.data.rows, some, state.settings, state.overrides)
        return [
            "kept" if place == KEPT_PLACE else f"removed by {CRITERIA[place].replace('_', ' ')}"
            for place in places
        ]

    def _card(self, row: int, verdict: str) -> None:
        state, rows = self.state, self.state.data.rows
        mask_id = int(rows.mask_ids[row])
        name = state.workspace.names[int(rows.classes(np.array([row]))[0])]
        video, frame = int(rows.videos[row]), int(rows.frame_indices[row])
        with ui.element("div").classes("label-card").classes("is-label-card") as card:
            ui.image(crop_address(state.split, row, state.workspace.version)).props(
                "no-spinner no-transition"
            ).on("click", lambda: state.select([mask_id], mask_id not in state.selected))
            with ui.element("div").classes("label-text"):
                ui.label(name).classes("label-name")
                with ui.element("div").classes("label-scores"):
                    for score, short in VALUES.items():
                        bold = " bold" if score == self.highlighted else ""
                        ui.label(f"{short} {rows.scores[score][row]:.2f}").classes(f"score{bold}")
                if row in self.note:
                    ui.label(self.note[row]).classes("score")
                if not self.small:
                    ui.label(verdict).classes("verdict kept" if verdict == "kept" else "verdict")
                said = ui.label().classes("said")
            if not self.small:
                with ui.element("div").classes("label-buttons"):
                    for icon, tip, act in (
                        ("check", "accept", lambda: state.correct([mask_id], "accept")),
                        ("close", "reject", lambda: state.correct([mask_id], "reject")),
                        ("edit", "rename", lambda: rename_dialog(state, [mask_id])),
                        ("movie", "see it in its video", lambda: state.show_video(video, frame)),
                    ):
                        ui.button(icon=icon, on_click=act).props("flat dense round size=sm").tooltip(
                            tip
                        ).classes(f"is-{tip.split()[0]}")
            ui.tooltip(f"{rows.video_names[video]}, frame {frame}").props("delay=600")
        self.cards[mask_id] = (card, said)

    def show_corrections(self) -> None:
        """Write on each card what was said of its label."""
        entries = self.state.workspace.corrections.entries
        for mask_id, (_, said) in self.cards.items():
            found = entries.get(mask_id)
            said.text = "" if found is None else f"{found.verdict} {found.class_name}".strip()
            said.visible = found is not None

    def show_selection(self) -> None:
        """Frame the cards that are chosen."""
        for mask_id, (card, _) in self.cards.items():
            card.classes(add="chosen") if mask_id in self.state.selected else card.classes(remove="chosen")


def rename_dialog(state: PageState, mask_ids: Sequence[int]) -> None:
    """Ask for a class, then rename."""
    with ui.dialog(value=True) as dialog, ui.card():
        ui.label(f"Rename {len(mask_ids)} label{'' if len(mask_ids) == 1 else 's'} to").classes("heading")
        choice = (
            ui.select(state.workspace.names, with_input=True)
            .props("dense outlined autofocus")
            .classes("wide")
            .classes("is-new-class")
        )

        def rename() -> None:
            if choice.value:
                state.correct(mask_ids, "rename", choice.value)
                dialog.close()

        with ui.row():
            ui.button("Rename", on_click=rename).props("dense no-caps").classes("is-do-rename")
            ui.button("Cancel", on_click=dialog.close).props("flat dense no-caps")
    dialog.on_value_change(lambda e: None if e.value else dialog.delete())


def selection_bar(state: PageState) -> None:
    """Corrects all labels that are chosen in the galleries."""
    with ui.row().classes("selection").classes("is-selection"):
        text = ui.label().classes("note")
        buttons = [
            ui.button("Accept", on_click=lambda: state.correct(sorted(state.selected), "accept")),
            ui.button("Reject", on_click=lambda: state.correct(sorted(state.selected), "reject")),
            ui.button("Rename …", on_click=lambda: rename_dialog(state, sorted(state.selected))),
            ui.button("Choose none", on_click=lambda: state.select(list(state.selected), False)),
        ]
        for button in buttons:
            button.props("flat dense no-caps")
        ui.switch("whole tracks", on_change=lambda e: setattr(state, "whole_tracks", e.value)).props(
            "dense"
        ).tooltip("a correction goes to all labels of the same object in neighbouring frames").classes(
            "is-whole-tracks"
        )
        ui.button(
            "Undo", icon="undo", on_click=lambda: state.act(state.workspace.corrections.undo, "as before")
        ).props("flat dense no-caps").classes("is-undo")

    def show() -> None:
        text.text = f"{len(state.selected)} chosen" if state.selected else "click pictures to choose several"
        for button in buttons:
            button.enabled = bool(state.selected)

    state.on_selected.append(show)
    show()
