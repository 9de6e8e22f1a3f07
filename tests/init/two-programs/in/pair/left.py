print("left")
