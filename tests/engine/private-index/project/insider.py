from house_rules import RULES

print(*RULES)
