"""It rests."""

if __name__ == "__main__":
    print("quiet")
