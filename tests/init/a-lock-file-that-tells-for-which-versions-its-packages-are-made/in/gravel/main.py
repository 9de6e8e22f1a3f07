"""Counts gravel."""

from fastapi import FastAPI

app = FastAPI()
