"""Finds what looks like one of the model's templates."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np


@dataclass(frozen=True)
class Face:
    left: int
    top: int
    size: int
    score: float

    def as_dict(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class Detector:
    name: str
    threshold: float
    templates: list[np.ndarray]

    @classmethod
    def load(cls, folder: Path) -> "Detector":
        description = json.loads((folder / "faces.json").read_text())
        weights = (folder / "faces.bin").read_bytes()
        if hashlib.sha256(weights).hexdigest() != description["sha256"]:
            raise ValueError("faces.bin does not belong to faces.json")
        templates = [
            np.frombuffer(weights, np.uint8, size * size, offset).reshape(size, size)
            for size, offset in ((t["size"], t["offset"]) for t in description["templates"])
        ]
        return cls(description["name"], description["threshold"], templates)

    def detect(self, photo: np.ndarray) -> list[Face]:
        """The best first; of faces that overlap only the best."""
        boxes, scores = [], []
        for template in self.templates:
            size = len(template)
            if size > min(photo.shape):
                continue
            fits = cv2.matchTemplate(photo, template, cv2.TM_CCOEFF_NORMED)
            for top, left in np.argwhere(fits >= self.threshold):
                boxes.append([int(left), int(top), size, size])
                scores.append(float(fits[top, left]))
        kept = cv2.dnn.NMSBoxes(boxes, scores, self.threshold, 0.2) if boxes else []
        return [Face(*boxes[i][:3], round(scores[i], 3)) for i in kept]
