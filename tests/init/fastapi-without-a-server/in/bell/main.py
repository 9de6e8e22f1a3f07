"""A bell."""

from fastapi import FastAPI

app = FastAPI()
