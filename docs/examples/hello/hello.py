from bottle import route, run


@route("/")
def hello():
    return "Hello!\n"


run(host="0.0.0.0", port=8000)
