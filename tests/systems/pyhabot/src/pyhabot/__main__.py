"""The bot: looks at the page again and again, until it is told to stop."""

import asyncio
import logging
import signal
import sys

import aiohttp

from pyhabot.adverts import parse, read_page
from pyhabot.integrations import Misconfigured, integration
from pyhabot.settings import Settings
from pyhabot.store import Store

log = logging.getLogger("pyhabot")


async def look(settings, session, store, chat):
    """One look at the page: what is new is told once, also over a restart."""
    adverts = parse(await read_page(session, settings.watch_url))
    new = [advert for advert in adverts if not store.knows(advert)]
    for advert in new:
        await chat.tell(f"{advert.title}: {advert.price}")
        store.remember(advert)
    log.info("%d advertisements, %d new", len(adverts), len(new))


async def run(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    store = Store(settings.data / "adverts.json")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        chat = integration(settings, session)
        log.info("started with %s, %d advertisements known", chat, len(store))
        while not stop.is_set():
            try:
                await look(settings, session, store, chat)
            except Exception:
                # A page or a chat that cannot be reached now may be there the next time
                log.exception("this look failed")
            settings.heartbeat.touch()
            try:
                await asyncio.wait_for(stop.wait(), settings.check_seconds)
            except TimeoutError:
                pass
    log.info("stopped")


def main():
    settings = Settings.from_env()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        asyncio.run(run(settings))
    except Misconfigured as error:
        log.error("%s", error)
        sys.exit(2)


if __name__ == "__main__":
    main()
