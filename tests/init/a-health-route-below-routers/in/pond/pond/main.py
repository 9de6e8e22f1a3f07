"""Says how the pond is."""

from fastapi import FastAPI

from pond.api import router

app = FastAPI()
app.include_router(router, prefix="/api")
