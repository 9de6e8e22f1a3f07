"""What can be set from outside: public settings by the image, keys by files that only a running service sees."""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    models: Path
    source_bucket: str
    storage_bucket: str
    public_url: str
    max_bytes: int
    log_level: str
    service_role_key: str = field(repr=False)

    @classmethod
    def from_env(cls, env=os.environ) -> "Settings":
        return cls(
            models=Path(env.get("MODELS_DIR", "/app/models")),
            source_bucket=env.get("SOURCE_BUCKET", ""),
            storage_bucket=env.get("STORAGE_BUCKET", ""),
            public_url=env.get("PUBLIC_URL", ""),
            max_bytes=int(env.get("MAX_BYTES", 20 * 1024 * 1024)),
            log_level=env.get("LOG_LEVEL", "INFO").upper(),
            service_role_key=secret(env, "SUPABASE_SERVICE_ROLE_KEY"),
        )

    def public(self) -> dict:
        names = ("source_bucket", "storage_bucket", "public_url")
        return {name: getattr(self, name) for name in names}

    def sign(self, name: str) -> str | None:
        """What the storage asks for with an upload."""
        if not self.service_role_key:
            return None
        return hmac.new(self.service_role_key.encode(), name.encode(), hashlib.sha256).hexdigest()


def secret(env, name: str) -> str:
    """NAME itself, or the content of the file that NAME_FILE names."""
    if file := env.get(f"{name}_FILE"):
        return Path(file).read_text().strip()
    return env.get(name, "")
