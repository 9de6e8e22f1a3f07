"""A shop."""


def run():
    print("shop")
