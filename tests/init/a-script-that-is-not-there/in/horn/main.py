import horn

if __name__ == "__main__":
    print(horn.LOUD)
