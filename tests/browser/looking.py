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


def complaints(page: Page) -> list[str]:
    """Say what axe finds. The mails in frames are looked at by tests of their own."""
    found = Axe().run(page, options={"iframes": False}).response["violations"]
    return [f"{it['id']}: {it['nodes'][0]['html']}" for it in found]


def arrived(page: Page) -> None:
    """Wait for the page that a click leads to: between two pages there is nothing to look at."""
    page.wait_for_load_state()
    page.locator("h1").first.wait_for()


def is_fine(visitor: Any, name: str) -> bool:
    """Nothing scrolls sideways, axe finds nothing, the browser refused nothing.

    With SHOTS=folder a picture of the page is kept there.
    """
    page, size = visitor.page, visitor.page.viewport_size
    arrived(page)
    keep(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"], name
    assert complaints(page) == [], name
    assert visitor.noticed == [], name
    return True


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page in the folder that SHOTS names, if it names one."""
    if folder := os.environ.get("SHOTS"):
        is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        width, scheme = page.viewport_size["width"], "dark" if is_dark else "light"
        page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)


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
