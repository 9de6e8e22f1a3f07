print("icons")
