"""A weir."""

from flask import Flask
from peewee import SqliteDatabase

app = Flask(__name__)
levels = SqliteDatabase("levels.db")
