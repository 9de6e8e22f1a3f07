"""A weir."""

import types

from flask import Flask

from water import level

app = Flask(__name__)


@app.route("/")
def shown():
    return str(level())
