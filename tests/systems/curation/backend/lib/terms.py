"""The vocabulary: terms with their synonyms, from the JSON file beside this module."""

import json
from dataclasses import dataclass
from pathlib import Path

VOCABULARY = Path(__file__).with_name("vocabulary.json")


@dataclass(frozen=True)
class Term:
    id: str
    label: str
    aspect: str
    synonyms: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.label, *self.synonyms)


def load_vocabulary(path: Path = VOCABULARY) -> list[Term]:
    entries = json.loads(path.read_text(encoding="utf-8"))
    return [Term(e["id"], e["label"], e["aspect"], tuple(e.get("synonyms", ()))) for e in entries]
