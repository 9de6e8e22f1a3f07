"""What is in the attic."""

from flask import Flask

app = Flask(__name__)
