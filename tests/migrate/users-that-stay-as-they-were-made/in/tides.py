print("high at noon")
