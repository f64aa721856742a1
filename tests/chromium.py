"""One Chromium for all tests that look: the fixture `chromium`. Two in one thread can't be."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

# Playwright keeps an event loop in this thread; the tests' own queries are made between its calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=10_000)  # as long as clicks are waited for: both end at once
    program = os.environ.get("CHROMIUM")
    if not program:
        pytest.skip("NO CHROMIUM: name it with CHROMIUM=/path/to/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIETLY)
        yield browser
        browser.close()
