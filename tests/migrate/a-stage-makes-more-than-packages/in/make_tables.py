open("tables", "w").close()
