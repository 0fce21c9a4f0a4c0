"""A slider that stays under the hand that moves it."""

from nicegui import ui


class Slider(ui.slider):
    """Moves in the browser at once; NiceGUI's own waits for the server's answer, and falls back to older ones."""

    LOOPBACK = False
