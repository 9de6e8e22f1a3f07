"""What can be set from outside: by the environment, or by a .env beside a developer's checkout."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import load_dotenv


@dataclass(frozen=True)
class Settings:
    data: Path
    integration: str
    watch_url: str
    check_seconds: float
    alive_seconds: float
    log_level: str
    chat: str
    discord_token: str = field(repr=False)
    discord_api: str
    telegram_token: str = field(repr=False)
    telegram_api: str

    @property
    def heartbeat(self):
        return self.data / "heartbeat"

    @classmethod
    def from_env(cls):
        load_dotenv(".env")

        def get(name, default=""):
            # compose hands on an unset variable as an empty one
            return os.environ.get(name) or default

        return cls(
            data=Path(get("PERSISTENT_DATA_PATH", "./persistent_data")),
            integration=get("INTEGRATION", "terminal"),
            watch_url=get("WATCH_URL"),
            check_seconds=float(get("CHECK_SECONDS", "30")),
            alive_seconds=float(get("ALIVE_SECONDS", "90")),
            log_level=get("LOG_LEVEL", "INFO").upper(),
            chat=get("CHAT", "0"),
            discord_token=get("DISCORD_TOKEN"),
            discord_api=get("DISCORD_API", "https://discord.com/api/v10"),
            telegram_token=get("TELEGRAM_TOKEN"),
            telegram_api=get("TELEGRAM_API", "https://api.telegram.org"),
        )
