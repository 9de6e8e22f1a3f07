import os
import sys

names = "DJANGO_SETTINGS_MODULE", "TIDES_TABLES", "WORKERS"
seen = {name: os.environ.get(name) for name in names}
if sys.argv[1] == "tell":
    print(seen)
else:
    with open(f"/app/{sys.argv[1]}", "w") as file:
        print(seen, file=file)
