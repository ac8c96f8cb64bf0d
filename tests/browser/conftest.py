"""Pages in a real browser. Without a Chromium on the machine they are not collected; CI demands one."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from shared.roles import Person
from shared.sessions import COOKIE, issue_session
from shared.testing.bench import Bench
from shared.testing.city import KEY, NOON

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
if not CHROMIUM:
    if os.environ.get("LUWES_REQUIRE_BROWSER"):
        raise RuntimeError("LUWES_REQUIRE_BROWSER is set, but no Chromium is installed")
    collect_ignore_glob = ["test_*.py"]
else:
    from playwright.sync_api import Browser, Page, sync_playwright

    PHONE = {"width": 390, "height": 800}
    FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
    Open = Callable[[Bench, Person, str], Page]

    @pytest.fixture(scope="module")
    def browser() -> Iterator[Browser]:
        """Ends with its module: while it lives an event loop runs in this thread, and signing needs one of its own."""
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield browser
            browser.close()

    @pytest.fixture
    def open_page(browser: Browser) -> Iterator[Open]:
        """Opens a page of a service as someone signed in, on a phone; console errors fail the test."""
        ends: list[Callable[[], object]] = []
        complaints: list[str] = []

        def open_it(bench: Bench, user: Person, path: str) -> Page:
            server = make_server("127.0.0.1", 0, bench.app, threaded=True)
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            origin = f"http://localhost:{server.port}"
            context = browser.new_context(viewport=PHONE, service_workers="block")  # type: ignore[arg-type]
            ends.extend([context.close, server.shutdown, thread.join, server.server_close])
            context.add_cookies([{"name": COOKIE, "value": issue_session(user, KEY, NOON), "url": origin}])
            page = context.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(origin + path)
            return page

        yield open_it
        for end in ends:
            end()
        assert complaints == []


@pytest.fixture
def photo_file(tmp_path: Path) -> Path:
    from deploy.embedded.city import photo

    path = tmp_path / "foto.jpg"
    path.write_bytes(photo(7, NOON))
    return path
