from flask import Flask

from press.pages import page

app = Flask(__name__)
app.add_url_rule("/", view_func=page)
