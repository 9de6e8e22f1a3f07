"""Settings."""

from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
ROOT_URLCONF = "orchard.urls"
ALLOWED_HOSTS = ["*"]
SECRET_KEY = "none"
DATABASES = {}
