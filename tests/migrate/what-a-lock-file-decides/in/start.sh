poetry run python -m shop
