"""The server and its one page."""

import socket
from pathlib import Path

from nicegui import app, ui
from starlette.middleware.trustedhost import TrustedHostMiddleware

from uvis_core.explorer.pages.pictures import picture_routes
from uvis_core.explorer.pages.state import PageState
from uvis_core.explorer.pages.tune import tune_part
from uvis_core.explorer.run import PARTS, RunFolder
from uvis_core.explorer.workspace import Workspace
from uvis_core.io.errors import UserError

HOST = "127.0.0.1"
STYLE = Path(__file__).with_name("explorer.css")
BUILDERS = {"Tune": tune_part}


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
            raise UserError(f"port {port} cannot be used ({error.strerror})", fix="give another --port") from error
    workspace = Workspace(run, output)
    # A page of another site must not reach this one under a name of its own that leads here.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    app.include_router(picture_routes(workspace))
    ui.page("/", title=f"Explorer: {run.dataset}")(lambda: build_page(workspace))
    ui.run(
        host=HOST,
        port=port,
        show=show,
        reload=False,
        show_welcome_message=False,
        uvicorn_logging_level="warning",
        endpoint_documentation="none",
    )


def build_page(workspace: Workspace) -> None:
    """Build the page of one browser, with a state of its own."""
    run = workspace.run
    splits = run.splits_for("Tune") or list(run.splits)
    variant = next(iter(workspace.variants))
    state = PageState(workspace, splits[0], variant, workspace.variants[variant])
    ui.add_css(STYLE)
    ui.colors(primary="#0067a8", negative="#b3261e", positive="#007a5a")
    with ui.header().classes("top"):
        ui.label(f"{run.dataset}").classes("title")
        with ui.tabs().props("dense no-caps inline-label") as tabs:
            for part in BUILDERS:
                ui.tab(part)
        if len(splits) > 1:
            ui.select(splits, value=splits[0], label="videos", on_change=lambda e: state.take_split(e.value)).props(
                "dense outlined options-dense"
            ).classes("split")
    with ui.tab_panels(tabs, value="Tune").props("keep-alive").classes("parts"):
        for part, builder in BUILDERS.items():
            with ui.tab_panel(part):
                reason = run.unavailable(part)
                if reason:
                    ui.label(reason).classes("unavailable")
                else:
                    builder(state)
