"""Makes what is served."""

from starlette.applications import Starlette


def made(name):
    return Starlette(debug=name == "mill")
