"""Reads the guide as a person would see it: the page's own script makes its rows."""

import asyncio
import logging
import time

from playwright.async_api import async_playwright

log = logging.getLogger("scraper")

ROWS = """rows => rows.map(row => Object.fromEntries(
    [...row.cells].map(cell => [cell.className, cell.textContent.trim()])))"""


class Scraper:
    def __init__(self, url, keep_seconds):
        self.url = url
        self.keep_seconds = keep_seconds
        self.pages = 0
        self._rows, self._until = [], 0.0
        self._lock = asyncio.Lock()

    async def __aenter__(self):
        self._playwright = await async_playwright().start()
        try:
            self._browser = await self._playwright.chromium.launch()
        except BaseException:
            await self._playwright.stop()
            raise
        return self

    async def __aexit__(self, *_):
        await self._browser.close()
        await self._playwright.stop()

    @property
    def version(self):
        return self._browser.version

    async def live(self):
        """The rows that are on now; many who ask at once share one page."""
        async with self._lock:
            if time.monotonic() >= self._until:
                self._rows = await self._read()
                self._until = time.monotonic() + self.keep_seconds
            return self._rows

    async def _read(self):
        page = await self._browser.new_page()
        try:
            await page.goto(self.url)
            await page.wait_for_selector("tr.live")
            rows = await page.eval_on_selector_all("tr.live", ROWS)
        finally:
            await page.close()
        self.pages += 1
        log.info("%s lists %d films that are on now", self.url, len(rows))
        return rows
