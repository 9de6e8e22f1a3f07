from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    browser = playwright.chromium.launch()
    page = browser.new_page()
    page.set_content("<h1>tides</h1>")
    print(page.inner_text("h1"))
    browser.close()
