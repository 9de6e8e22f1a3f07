from bs4 import BeautifulSoup
from fastapi import HTTPException


def read(note):
    return BeautifulSoup(note["text"], "html.parser").text
