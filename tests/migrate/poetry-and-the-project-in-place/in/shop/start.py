import sys

import itsdangerous


def run():
    print(itsdangerous.Signer("key").sign("shop"), sys.argv[1:])
