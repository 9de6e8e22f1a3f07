print("dust")
