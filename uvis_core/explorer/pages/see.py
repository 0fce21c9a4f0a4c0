"""Part See: a video frame by frame or playing, what the run made of it as layers, two of them side by side."""

import numpy as np
from nicegui import events, ui

from uvis_core.explorer.layers import LABELS, TRACKS, TRUTH, TUNED, layer_names
from uvis_core.explorer.pages.gallery import Gallery, selection_bar
from uvis_core.explorer.pages.pictures import frame_address
from uvis_core.explorer.pages.slider import Slider
from uvis_core.explorer.pages.state import PageState
from uvis_core.explorer.pages.videos import show_place, video_field
from uvis_core.io.errors import UserError
from uvis_core.report.drawing.clips import clip_fps


def see_part(state: PageState) -> None:
    """Build the part."""
    _See(state)


class _See:
    def __init__(self, state: PageState) -> None:
        self.state = state
        self.video, self.place, self.version = 0, 0, ""
        self.labelled = not state.data.split.missing("Tune")
        with ui.card().classes("panel"):
            with ui.row().classes("filters") as self.head:
                pass
            with ui.row().classes("player"):
                ui.button(icon="skip_previous", on_click=lambda: self.step(-1)).props(
                    "flat dense round"
                ).classes("is-frame-before")
                self.play = (
                    ui.button(icon="play_arrow", on_click=self.toggle)
                    .props("dense round unelevated")
                    .classes("is-play")
                )
                ui.button(icon="skip_next", on_click=lambda: self.step(1)).props("flat dense round").classes(
                    "is-frame-after"
                )
                self.slider = (
                    Slider(min=0, max=1, value=0, on_change=lambda e: self.go(int(e.value)))
                    .props("dense")
                    .classes("track")
                    .classes("is-frame")
                )
                self.text = ui.label().classes("note").classes("is-frame-text")
        with ui.element("div").classes("panes"):
            self.panes = [_Pane(self, number) for number in range(2)]
        if self.labelled:
            with ui.card().classes("panel"):
                selection_bar(state)
                self.hint = ui.label("Click an object in a picture to correct its label.").classes("note")
                self.gallery = Gallery(state)
                self.gallery.box.visible = False
        self.timer = ui.timer(0.2, self.tick, active=False)
        state.see = self.show_video
        state.on_split.append(self.split_changed)
        state.on_tuned.append(self.draw)
        state.on_corrected.append(self.draw)
        self.split_changed()

    def split_changed(self) -> None:
        """Other videos."""
        self.head.clear()
        with self.head:
            names = self.state.data.videos.names
            ui.button(icon="chevron_left", on_click=lambda: self.neighbour(-1)).props(
                "flat dense round"
            ).tooltip("video before")
            self.select = video_field(names, lambda place: self.take_video(place or 0)).classes("is-video")
            ui.button(icon="chevron_right", on_click=lambda: self.neighbour(1)).props(
                "flat dense round"
            ).tooltip("next video").classes("is-next-video")
            self.about = ui.label().classes("note")
        for pane in self.panes:
            pane.split_changed()
        self.take_video(0)

    def neighbour(self, steps: int) -> None:
        """The video before or after."""
        names = self.state.data.videos.names
        show_place(self.select, names, (self.video + steps) % len(names))

    def show_video(self, row_video: int, frame_index: int) -> None:
        """Show a label's video at a frame; the gallery's cards call it."""
        name = self.state.data.rows.video_names[row_video]
        names = self.state.data.videos.names
        show_place(self.select, names, names.index(name))
        found = self.state.data.videos.frames(name)
        self.go(int(np.searchsorted(found.indices, frame_index)))

    def take_video(self, video: int) -> None:
        """Show a video from its first frame."""
        self.video, self.place = video, 0
        videos = self.state.data.videos
        try:
            self.frames = videos.frames(videos.name(video))
        except UserError as error:
            self.about.text = str(error)
            return
        fps = clip_fps(self.frames.times_s.tolist())
        self.timer.interval = 1 / fps
        self.about.text = f"{len(self.frames.paths)} frames, shown at {fps:.0f} a second"
        self.slider.props(f"max={max(len(self.frames.paths) - 1, 1)}")
        self.slider.value = 0
        self.draw()

    def step(self, frames: int) -> None:
        """One frame on or back."""
        self.go((self.place + frames) % len(self.frames.paths))

    def tick(self) -> None:
        """The next frame of a video that plays."""
        self.step(1)

    def toggle(self) -> None:
        """Play or pause."""
        self.timer.active = not self.timer.active
        self.play.props(f"icon={'pause' if self.timer.active else 'play_arrow'}")

    def go(self, place: int) -> None:
        """Show a frame."""
        if place != self.place:
            self.place = place
            self.slider.value = place
            self.draw()

    def draw(self) -> None:
        """Show both pictures anew."""
        index, time_s = int(self.frames.indices[self.place]), float(self.frames.times_s[self.place])
        self.text.text = f"frame {index} of {len(self.frames.paths)}, {time_s:.2f} s"
        for pane in self.panes:
            pane.draw()

    def clicked(self, event: events.MouseEventArguments, width: float, height: float) -> None:
        """Find the label under the mouse."""
        state, data = self.state, self.state.data
        name = data.videos.name(self.video)
        kept = state.workspace.tuned(state.split, state.workspace.keep_tuning(state.settings), name)
        mask_id = data.painter.mask_at(name, self.place, event.image_x / width, event.image_y / height, kept)
        row = None if mask_id is None else data.rows.row_of(mask_id)
        self.hint.text = "No mask there." if row is None else "This one:"
        self.gallery.box.visible = row is not None
        self.gallery.show([] if row is None else [row])


class _Pane:
    """One of the two pictures, with layers of its own."""

    def __init__(self, see: _See, number: int) -> None:
        self.see, self.number = see, number
        with ui.card().classes("panel"):
            self.select = (
                ui.select({}, multiple=True, label="layers", on_change=lambda e: self.draw())
                .props("dense outlined options-dense use-chips clearable")
                .classes("wide")
                .classes(f"is-layers-{number}")
            )
            self.image = (
                ui.interactive_image(on_mouse=self.clicked, events=["click"])
                .classes("picture")
                .classes(f"is-picture-{number}")
            )

    def split_changed(self) -> None:
        """The layers that these videos have; at first labels on one side, tracks and truth on the other."""
        state = self.see.state
        self.layers = layer_names(state.data.videos, tuned=not state.data.split.missing("Tune"))
        found = list(self.layers)
        first = [TUNED] if TUNED in found else found[:1]
        tracks = [key for key in found if key.startswith(TRACKS)]
        labels = [key for key in found if key == f"{LABELS}{state.variant}"]
        second = [key for key in (*(tracks or labels)[:1], TRUTH) if key in found] or found[-1:]
        self.select.set_options(self.layers, value=first if self.number == 0 else second)

    def draw(self) -> None:
        """Show the frame."""
        see, state = self.see, self.see.state
        numbers = {key: number for number, key in enumerate(self.layers)}
        tuning = state.workspace.keep_tuning(state.settings)
        wanted = list(self.select.value or [])
        self.image.set_source(
            frame_address(state.split, see.video, see.place, wanted, numbers, tuning, state.workspace.version)
        )

    def clicked(self, event: events.MouseEventArguments) -> None:
        """The picture was clicked."""
        if self.see.labelled:
            height, width = self.see.state.data.painter.size(self.see.state.data.videos.name(self.see.video))
            self.see.clicked(event, width, height)
