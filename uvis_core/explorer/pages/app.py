"""The server and its one page."""

import socket
from pathlib import Path

from nicegui import app, ui
from starlette.middleware.trustedhost import TrustedHostMiddleware

from uvis_core.explorer.pages.correct import correct_part
from uvis_core.explorer.pages.pictures import picture_routes
from uvis_core.explorer.pages.search import search_part
from uvis_core.explorer.pages.see import see_part
from uvis_core.explorer.pages.state import PageState
from uvis_core.explorer.pages.tune import tune_part
from uvis_core.explorer.run import RunFolder
from uvis_core.explorer.workspace import Workspace
from uvis_core.io.errors import UserError

HOST = "127.0.0.1"
RECONNECT_S = 60
"""So long a page keeps its state when its browser does not answer, as on a machine that computes."""
STYLE = Path(__file__).with_name("explorer.css")
BUILDERS = {"Tune": tune_part, "Search": search_part, "See": see_part, "Correct": correct_part}


def serve(run: RunFolder, output: Path, port: int, show: bool) -> None:
    """Serve the page until the process is interrupted.

    Args:
        run: The run.
        output: Folder of what the explorer writes.
        port: Where it listens, on this machine alone.
        show: Whether to open a browser.

    Raises:
        UserError: The port is taken, or what the explorer wrote before cannot be read.
    """
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            raise UserError(
                f"port {port} cannot be used ({error.strerror})", fix="give another --port"
            ) from error
    workspace = Workspace(run, output)
    # A page of another site must not reach this one under a name of its own that leads here.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    for name in run.splits_for("Tune")[:1]:
        # The first page would wait for them: better here, where a bar shows how far it is.
        print(
            f"read {len(workspace.splits[name].histograms)} scores of {len(workspace.splits[name].rows)} crops"
        )
    app.include_router(picture_routes(workspace))
    ui.page("/", title=f"Explorer: {run.dataset}")(lambda: build_page(workspace))
    ui.run(
        host=HOST,
        port=port,
        show=show,
        reload=False,
        reconnect_timeout=RECONNECT_S,
        show_welcome_message=False,
        uvicorn_logging_level="warning",
        endpoint_documentation="none",
    )


def build_page(workspace: Workspace) -> None:
    """Build the page of one browser, with a state of its own."""
    run = workspace.run
    splits = run.splits_for("Tune") or list(run.splits)
    trained = (one for one in workspace.variants if any((run.path / "training").glob(f"{one}-*")))
    variant = next(trained, next(iter(workspace.variants)))
    state = PageState(workspace, splits[0], variant, workspace.variants[variant])
    ui.add_css(STYLE)
    ui.colors(primary="#0067a8", negative="#b3261e", positive="#007a5a")
    with ui.header().classes("top"):
        ui.label(f"{run.dataset}").classes("title")
        with ui.tabs().props("dense no-caps inline-label") as tabs:
            for part in BUILDERS:
                ui.tab(part)
        if len(splits) > 1:
            ui.select(
                splits, value=splits[0], label="videos", on_change=lambda e: state.take_split(e.value)
            ).props("dense outlined options-dense").classes("split")
    panels = {}
    with ui.tab_panels(tabs, value=None).props("animated=false").classes("parts"):
        for part in BUILDERS:
            with ui.tab_panel(part) as panels[part]:
                pass
    built: set[str] = set()

    def opened(part: str) -> None:
        """Build a part when it is opened first: each reads what it needs."""
        if part not in built:
            built.add(part)
            with panels[part]:
                reason = run.unavailable(part)
                if reason:
                    ui.label(reason).classes("unavailable").classes(f"is-unavailable-{part}")
                else:
                    BUILDERS[part](state)

    def show_video(video: int, frame_index: int) -> None:
        opened("See")
        tabs.value = "See"
        state.see(video, frame_index)

    state.show_video = show_video
    tabs.on_value_change(lambda e: opened(e.value))
    tabs.value = next((part for part in BUILDERS if not run.unavailable(part)), "See")
