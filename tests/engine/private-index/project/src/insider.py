from house_rules import RULES


def main():
    print(*RULES)
