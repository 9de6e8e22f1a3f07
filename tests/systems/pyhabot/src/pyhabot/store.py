"""Which advertisements were told already."""

from tinydb import Query, TinyDB


class Store:
    def __init__(self, path):
        self._adverts = TinyDB(path).table("adverts")

    def __len__(self):
        return len(self._adverts)

    def knows(self, advert):
        return self._adverts.contains(Query().id == advert.id)

    def remember(self, advert):
        self._adverts.insert(advert.as_dict())
