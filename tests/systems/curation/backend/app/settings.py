"""What can be set from outside, read once at start."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    max_bytes: int
    min_score: float
    log_level: str

    @classmethod
    def from_env(cls, env=os.environ) -> "Settings":
        return cls(
            max_bytes=int(env.get("CURATION_MAX_BYTES", 10 * 1024 * 1024)),
            min_score=float(env.get("CURATION_MIN_SCORE", 90)),
            log_level=env.get("LOG_LEVEL", "INFO").upper(),
        )
