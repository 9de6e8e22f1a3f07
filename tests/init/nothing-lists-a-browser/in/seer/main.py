"""Looks at a page and says its title."""

import sys

from playwright.sync_api import sync_playwright


def main():
    with sync_playwright() as playwright:
        browser = playwright.firefox.launch()
        page = browser.new_page()
        page.goto(sys.argv[1])
        print(page.title())


if __name__ == "__main__":
    main()
