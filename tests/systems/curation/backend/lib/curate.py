"""Finds a vocabulary's terms in a text, misspelt ones too."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from lib.terms import Term

WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


@dataclass
class Match:
    term: Term
    score: float = 0.0
    count: int = 0
    first: int = 0
    spellings: set[str] = field(default_factory=set)

    def as_dict(self) -> dict:
        return {
            "id": self.term.id,
            "label": self.term.label,
            "aspect": self.term.aspect,
            "score": round(self.score, 1),
            "count": self.count,
            "first": self.first,
            "spellings": sorted(self.spellings),
        }


def phrases(text: str, length: int):
    """Every run of `length` words, with where it begins and ends."""
    words = list(WORD.finditer(text))
    for i in range(len(words) - length + 1):
        run = words[i : i + length]
        yield run[0].start(), run[-1].end(), " ".join(word.group() for word in run)


def curate(text: str, vocabulary: list[Term], min_score: float) -> list[Match]:
    """The terms that occur, most frequent first; a longer name beats a shorter one inside it."""
    by_length: dict[int, dict[str, Term]] = defaultdict(dict)
    for term in vocabulary:
        for name in term.names:
            by_length[len(name.split())][name.lower()] = term

    matches: dict[str, Match] = {}
    taken = bytearray(len(text))
    for length in sorted(by_length, reverse=True):
        names = by_length[length]
        scored: dict[str, tuple[str, float] | None] = {}
        for start, end, phrase in phrases(text, length):
            key = phrase.lower()
            if key not in scored:
                best = process.extractOne(key, names.keys(), scorer=fuzz.ratio, score_cutoff=min_score)
                scored[key] = (best[0], best[1]) if best else None
            found = scored[key]
            if not found or any(taken[start:end]):
                continue
            name, score = found
            taken[start:end] = b"\1" * (end - start)
            term = names[name]
            match = matches.setdefault(term.id, Match(term, first=start))
            match.score = max(match.score, score)
            match.count += 1
            match.first = min(match.first, start)
            match.spellings.add(phrase)
    return sorted(matches.values(), key=lambda m: (-m.count, m.first))
