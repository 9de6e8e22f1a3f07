"""Sets and reads."""

import os

os.environ["LEVEL"] = "3"
print(os.environ["PATH"], os.environ["FLOUR"])
