"""A mill with settings."""

from fastapi import FastAPI
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    grain: str
    stones: int = 2
    model_config = {}


settings = Settings()
app = FastAPI()
