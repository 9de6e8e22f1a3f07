from playwright.sync_api import sync_playwright

if __name__ == "__main__":
    with sync_playwright() as p:
        for kind in (p.firefox, p.chromium):
            kind.launch()
