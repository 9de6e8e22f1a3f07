"""A Stremio add-on: the films that are on television now, read from a programme guide by a browser."""

import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.logging import RichHandler
from rich.panel import Panel
from rich.traceback import install as install_rich_traceback
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from addon import MANIFEST, catalog_of
from scraper import Scraper

PORT = int(os.environ.get("PORT", 7000))
LOG_LEVEL = os.environ.get("LOG_LEVEL", "INFO").upper()
# A guide of the program's own, so that it works without a network; another one has the same table.
GUIDE_URL = os.environ.get("GUIDE_URL") or f"http://127.0.0.1:{PORT}/guide/"

console = Console()
log = logging.getLogger("addon")
scraper = Scraper(GUIDE_URL, keep_seconds=float(os.environ.get("CATALOG_SECONDS", 30)))


async def manifest(_request):
    return JSONResponse(MANIFEST)


async def catalog(_request):
    return JSONResponse(catalog_of(await scraper.live()))


async def status(_request):
    return JSONResponse({"browser": scraper.version, "pages": scraper.pages})


@contextlib.asynccontextmanager
async def browser_runs(_app):
    """Without a browser the add-on does not start: it would only fail later, and look healthy until then."""
    async with scraper:
        log.info("browser %s is ready", scraper.version)
        yield
    log.info("browser closed")


app = Starlette(
    routes=[
        Route("/manifest.json", manifest),
        Route("/catalog/movie/live.json", catalog),
        Route("/status.json", status),
        Mount("/guide", StaticFiles(directory=Path(__file__).parent / "guide", html=True)),
    ],
    middleware=[Middleware(CORSMiddleware, allow_origins=["*"])],
    lifespan=browser_runs,
)


def main():
    install_rich_traceback(show_locals=True)
    logging.basicConfig(
        level=LOG_LEVEL,
        format="%(message)s",
        datefmt="[%X]",
        handlers=[RichHandler(console=console, rich_tracebacks=True)],
    )
    console.print(Panel.fit(f"Port: {PORT}\nGuide: {GUIDE_URL}", title=MANIFEST["name"], border_style="cyan"))
    # uvicorn repeats the signal when it has shut down: then it is an ordinary end
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(app, host="0.0.0.0", port=PORT, log_config=None)


if __name__ == "__main__":
    main()
