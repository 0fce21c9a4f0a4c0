"""Ways to click through the explorer in a browser."""

from typing import Any

from tests.explorer.served import Explorer

WAIT_MS = 120_000


def open_page(chromium: Any, explorer: Explorer) -> Any:
    """A browser's page with the explorer on it; what goes wrong there is gathered."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(WAIT_MS)
    page.faults = []
    page.on("dialog", lambda dialog: page.faults.append(f"dialog {dialog.message}"))
    page.on("response", lambda answer: page.faults.append(answer.url) if answer.status >= 400 else None)
    page.goto(explorer.url)
    page.wait_for_function("() => window.socket && window.socket.connected")
    return page


def open_part(page: Any, name: str, sign: str) -> None:
    page.get_by_role("tab", name=name).click()
    page.locator(sign).first.wait_for()


def wait_text(page: Any, place: str, text: str) -> None:
    page.locator(place).filter(has_text=text).first.wait_for()


def choose(page: Any, field: str, option: str) -> None:
    """Choose in a field with a list."""
    page.locator(field).click()
    page.locator(".q-menu .q-item").filter(has_text=option).first.click()
    page.keyboard.press("Escape")
