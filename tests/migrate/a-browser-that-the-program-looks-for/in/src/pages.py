from pathlib import Path

from playwright.sync_api import sync_playwright

program = next(Path("/root/.cache/ms-playwright").glob("chromium-*/*/chrome"))
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=program)
    browser.close()
