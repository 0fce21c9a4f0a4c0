"""A mark that turns while something slow is computed beside the page's own work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from nicegui import run, ui

from uvis_core.io.errors import UserError

Found = TypeVar("Found")


class BusyMark:
    """The mark, where it is made; at first it does not show."""

    def __init__(self) -> None:
        self._spinner = ui.spinner(size="1.2em").classes("is-busy")
        self._spinner.visible = False

    @property
    def turns(self) -> bool:
        """Whether something is being computed."""
        return bool(self._spinner.visible)

    @contextmanager
    def turning(self) -> Iterator[None]:
        """Show it for the time of the block."""
        self._spinner.visible = True
        try:
            yield
        finally:
            self._spinner.visible = False

    async def compute(self, slow: Callable[[], Found]) -> Found | None:
        """Call a function in a thread of its own, with the mark turning.

        Args:
            slow: Computes something other than None.

        Returns:
            What it returned; None where it cannot be had, which the page then says, or the server is being stopped.
        """
        with self.turning():
            try:
                return await run.io_bound(slow)
            except UserError as error:
                ui.notify(str(error), type="negative", multi_line=True)
                return None
