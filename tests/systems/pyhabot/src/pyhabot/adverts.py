"""A page of search results, and the advertisements on it."""

from dataclasses import asdict, dataclass
from importlib import resources

from bs4 import BeautifulSoup


@dataclass(frozen=True)
class Advert:
    id: str
    title: str
    price: str

    def as_dict(self):
        return asdict(self)


async def read_page(session, url):
    """The page at `url`; without one the sample that the package brings, so that the bot works offline."""
    if not url:
        return resources.files("pyhabot").joinpath("sample.html").read_text()
    async with session.get(url) as answer:
        answer.raise_for_status()
        return await answer.text()


def parse(page):
    items = BeautifulSoup(page, "html.parser").select("li.advert[data-id]")
    return [Advert(item["data-id"], text(item, ".title"), text(item, ".price")) for item in items]


def text(item, selector):
    found = item.select_one(selector)
    return found.get_text(" ", strip=True) if found else ""
