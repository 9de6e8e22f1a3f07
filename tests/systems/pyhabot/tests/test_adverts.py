import asyncio

from pyhabot.adverts import parse, read_page


def test_the_sample_holds_three_advertisements():
    adverts = parse(asyncio.run(read_page(None, "")))
    assert [advert.id for advert in adverts] == ["1001", "1002", "1003"]
    assert adverts[1].price == "12 500 Ft"


def test_an_advertisement_without_a_price_is_one_too():
    (advert,) = parse('<li class="advert" data-id="7"><a class="title">Gift</a></li>')
    assert (advert.title, advert.price) == ("Gift", "")
