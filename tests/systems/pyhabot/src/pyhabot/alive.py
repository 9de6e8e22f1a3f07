"""Succeeds while the bot's heartbeat is fresh: a loop that hangs is as bad as one that ended."""

import sys
import time

from pyhabot.settings import Settings


def main():
    settings = Settings.from_env()
    try:
        age = time.time() - settings.heartbeat.stat().st_mtime
    except OSError as error:
        sys.exit(f"no heartbeat: {error}")
    if age > settings.alive_seconds:
        sys.exit(f"the last heartbeat is {age:.0f} s old")
    print(f"the last heartbeat is {age:.0f} s old")


if __name__ == "__main__":
    main()
