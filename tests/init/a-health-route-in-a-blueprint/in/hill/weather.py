"""The weather on it."""

from flask import Blueprint

sky = Blueprint("sky", __name__, url_prefix="/above")


@sky.route("/healthz")
def healthz():
    return "blue\n"
