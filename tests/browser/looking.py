"""Looking at a page: whether it fits, whether anyone can read it, and a picture of it."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# What fits depends on the width, what can be read on the scheme: each is looked at once, and both
# with both where pictures are taken.
EVERY_SIZE = [(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]
SIZES = EVERY_SIZE if os.environ.get("SHOTS") else [(360, "dark"), (1280, "light")]


def axe(page: Page, options: dict[str, Any]) -> dict[str, Any]:
    """Return all that axe says of a page, once the page is there.

    A click that leads on returns when the next page has begun: it may not have a body by then.
    """
    page.wait_for_load_state()
    response: dict[str, Any] = Axe().run(page, options=options).response
    return response


def complaints(page: Page, **options: Any) -> list[str]:
    """Say what axe finds. What is in frames is looked at by tests of its own."""
    found = axe(page, {"iframes": False, "resultTypes": ["violations"]} | options)["violations"]
    return [f"{it['id']}: {it['nodes'][0]['html']}" for it in found]


def fits(page: Page) -> bool:
    """Nothing of the page scrolls sideways, once the page is there."""
    page.wait_for_load_state()
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width <= page.viewport_size["width"]


def arrived(page: Page) -> None:
    """Wait for the page that a click leads to: between two pages there is nothing to look at."""
    page.wait_for_load_state()
    page.locator("h1").first.wait_for()


def is_fine(visitor: Any, name: str, *, full_page: bool = True) -> bool:
    """Nothing scrolls sideways, axe finds nothing, the browser refused nothing.

    With SHOTS=folder a picture of the page is kept there.
    """
    page = visitor.page
    arrived(page)
    keep(page, name, full_page=full_page)
    assert fits(page), name
    assert complaints(page) == [], name
    assert visitor.noticed == [], name
    return True


def keep(page: Page, name: str, *, full_page: bool = True) -> None:
    """Keep a picture of the page in the folder that SHOTS names, if it names one."""
    if folder := os.environ.get("SHOTS"):
        is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        width, scheme = page.viewport_size["width"], "dark" if is_dark else "light"
        path = Path(folder) / f"{name}-{width}-{scheme}.png"
        if page.locator("iframe:visible").count():
            _draw_every_frame(page)
        page.screenshot(path=path, full_page=full_page)


def _draw_every_frame(page: Page) -> None:
    """Make the screen as high as the page: a frame that is not on it stays white."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    page.wait_for_timeout(500)


def tab_to(page: Page, name: str, presses: int = 60) -> None:
    """Press Tab until the thing of this name has the keyboard, and see that one sees it."""
    for _press in range(presses):
        page.keyboard.press("Tab")
        if name in page.evaluate(NAMED):
            assert page.evaluate(OUTLINED), f"nobody sees that the keyboard is on {name}"
            return
    raise AssertionError(f"the keyboard never came to {name}")


NAMED = """(it => [...(it.labels || [])].map(label => label.innerText).join(" ")
  || it.innerText || "")(document.activeElement)"""
# The outline may be drawn by what encloses the field.
OUTLINED = """[document.activeElement, document.activeElement.parentElement].map(
  it => getComputedStyle(it)).some(it => it.outlineStyle !== "none" && it.outlineWidth !== "0px")"""
