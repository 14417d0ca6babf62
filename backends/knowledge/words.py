"""Passages compared by their words (BM25): no model, the same on every machine.

Chinese, Japanese and Korean write no blanks between words: two neighbouring characters count as one there.
Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.
"""

import re
from collections import Counter
from collections.abc import Sequence
from math import log
from unicodedata import normalize

K1, B = 1.2, 0.75

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_RUNS = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_IS_CJK = re.compile(rf"[{_CJK}]")


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared.

    >>> words("Wi-Fi 耳机坏了")
    ['wi', 'fi', '耳机', '机坏', '坏了']
    """
    found: list[str] = []
    for run in _RUNS.findall(normalize("NFKC", text).casefold()):
        if not _IS_CJK.match(run) or len(run) == 1:
            found.append(run)
        else:
            found += (run[at : at + 2] for at in range(len(run) - 1))
    return found


class WordIndex:
    """Which passage has which word how often.

    A score is the share of the most that the question's words could give: 0 where none is found, near 1 where all
    are, many times over; a word that no passage has counts as well.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(words(text)) for text in texts]
        lengths = [sum(count.values()) for count in counts]
        mean = sum(lengths) / len(lengths) if any(lengths) else 1.0
        self._size = len(texts)
        self._damping = [K1 * (1 - B + B * length / mean) for length in lengths]
        self._where: dict[str, list[tuple[int, int]]] = {}
        for at, count in enumerate(counts):
            for word, often in count.items():
                self._where.setdefault(word, []).append((at, often))

    def search(self, query: str, top: int) -> list[tuple[int, float]]:
        """Return the nearest passages by their numbers, with scores from 0 to 1; equal ones in their order."""
        scores: dict[int, float] = {}
        most = 0.0
        for word in dict.fromkeys(words(query)):
            places = self._where.get(word, [])
            weight = log(1 + (self._size - len(places) + 0.5) / (len(places) + 0.5)) * (K1 + 1)
            most += weight
            for at, often in places:
                scores[at] = scores.get(at, 0.0) + weight * often / (often + self._damping[at])
        ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:top]
        return [(at, score / most) for at, score in ranked]
