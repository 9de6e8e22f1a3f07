"""Shows a page."""

from playwright.sync_api import sync_playwright

from settings import HIDDEN

if __name__ == "__main__":
    with sync_playwright() as playwright:
        browser = playwright.firefox.launch(headless=HIDDEN)
