def page():
    return "news"
