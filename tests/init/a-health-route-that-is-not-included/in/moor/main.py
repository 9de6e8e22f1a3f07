"""A moor."""

import os

from fastapi import APIRouter, FastAPI

app = FastAPI()
unused = APIRouter()
hidden = APIRouter(prefix=os.environ["PREFIX"])
app.include_router(hidden)


@unused.get("/health")
def health():
    return {}


@hidden.get("/healthz")
def healthz():
    return {}
