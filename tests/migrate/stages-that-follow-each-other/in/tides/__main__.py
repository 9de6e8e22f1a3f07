print("low at four")
