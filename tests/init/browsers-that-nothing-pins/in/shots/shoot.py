import asyncio

from playwright.async_api import async_playwright


async def main():
    async with async_playwright() as p:
        await p.chromium.launch()


asyncio.run(main())
