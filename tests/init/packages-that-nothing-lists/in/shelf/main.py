"""A shelf of notes."""

import json
from pathlib import Path

import yaml
from fastapi import FastAPI
from psycopg.rows import dict_row

import labels
import shelfmark
from shop.prices import price

app = FastAPI()


@app.get("/")
def notes():
    return [labels.read(yaml.safe_load(path.read_text())) for path in Path("notes").glob("*.yaml")]
