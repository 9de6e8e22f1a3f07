"""A hill."""

from flask import Flask

from weather import sky

app = Flask(__name__)
app.register_blueprint(sky, url_prefix="/sky")
