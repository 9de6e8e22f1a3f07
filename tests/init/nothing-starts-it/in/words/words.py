WORDS = ["one"]
