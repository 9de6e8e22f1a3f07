import argparse

from .steps import STEPS

argparse.ArgumentParser(description=str(STEPS)).parse_args()
