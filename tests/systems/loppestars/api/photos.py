"""Photos as phones send them: JPEG and PNG, which OpenCV reads, and HEIC, which needs a tool of the system's."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np

HEIF = "heif-convert"
BRANDS = (b"ftypheic", b"ftypheix", b"ftypmif1")


class Unreadable(Exception):
    pass


def missing_tools() -> list[str]:
    return [] if shutil.which(HEIF) else [HEIF]


def decode(data: bytes) -> np.ndarray:
    """The photo in grey."""
    if data[4:12] in BRANDS:
        data = from_heic(data)
    photo = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE) if data else None
    if photo is None:
        raise Unreadable("not a photo that can be read")
    return photo


def from_heic(data: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "photo.heic"), Path(folder, "photo.png")
        source.write_bytes(data)
        done = subprocess.run([HEIF, source, target], capture_output=True, text=True, timeout=30)
        if not target.exists():
            raise Unreadable(f"{HEIF}: {done.stderr.strip() or done.stdout.strip()}")
        return target.read_bytes()
