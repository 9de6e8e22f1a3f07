import argparse


def main():
    parser = argparse.ArgumentParser(description="Shifts letters.")
    parser.add_argument("text")
    print(parser.parse_args().text[::-1])


if __name__ == "__main__":
    main()
