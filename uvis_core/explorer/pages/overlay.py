"""The button that makes tuned thresholds a file, and the words of what to do with it."""

from nicegui import ui

from uvis_core.explorer.overlay import (
    configuration_files,
    overlay_values,
    reruns,
    snakemake_command,
    write_overlay,
)
from uvis_core.explorer.pages.state import PageState
from uvis_core.io.errors import UserError


def overlay_card(state: PageState) -> None:
    """Build it."""
    output = state.workspace.output
    with ui.card().classes("panel"):
        ui.label("Make it real").classes("heading")
        name = (
            ui.input("file", value=f"{state.variant}.yaml")
            .props(f'dense outlined prefix="{_shown(str(output))}/"')
            .classes("wide")
            .classes("is-file")
        )
        button = ui.button("Write the thresholds").props("dense no-caps unelevated").classes("is-write")
        result = ui.element("div").classes("wide").classes("is-written")

    def write() -> None:
        files = configuration_files(state.workspace.run.dataset)
        path = output / name.value
        command = snakemake_command(path, files, "labels")
        try:
            values = overlay_values(state.variant, state.settings, state.made_with)
            path = write_overlay(output, name.value, values, command)
        except UserError as error:
            ui.notify(str(error), type="negative", multi_line=True)
            return
        result.clear()
        with result:
            ui.label(f"Written to {path}. The labels alone:").classes("note")
            _command(command)
            ui.label("The whole run; with -n it only says what it would do:").classes("note")
            _command(snakemake_command(path, files))
            if files is None:
                ui.label("PRESETS_OF_YOUR_RUN: the files you gave to --configfile, if any.").classes("note")
            ui.label(f"What that makes anew, for variant {state.variant}:").classes("note")
            with ui.element("ul").classes("reruns"):
                for line in reruns(state.workspace.run, state.variant):
                    with ui.element("li"):
                        ui.label(line)
            ui.label("Frames, masks, crops and prototypes stay as they are.").classes("note")

    button.on_click(write)

    def follow() -> None:
        """The file of another variant, unless it was given a name of its own."""
        if name.value.removesuffix(".yaml") in state.workspace.variants:
            name.value = f"{state.variant}.yaml"

    state.on_tuned.append(follow)


def _command(text: str) -> None:
    with ui.element("div").classes("command"):
        ui.label(text).classes("is-command")


def _shown(text: str) -> str:
    """A text inside an attribute."""
    return text.replace("\\", "").replace('"', "")
