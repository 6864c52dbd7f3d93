"""How alike two names or two texts are, and which of many are like one. Pure Python, made for short Chinese.

Names are compared as written (difflib, after full-width, spaces, punctuation and 小组-words are taken out) and by
their character pairs; the higher figure counts. Texts are compared by character pairs alone. Figures are whole
percents, so that a rounding never makes two pages disagree.
"""

import functools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from difflib import SequenceMatcher
from typing import Generic, NamedTuple, TypeVar

_NOISE = re.compile(r"[\W_]+")
# What nearly every group's name ends with; it says nothing about which group it is.
_GROUP_WORDS = re.compile(r"(qc|质量管理|质量)?(活动)?小组$")
TEXT_LENGTH = 4000  # characters of a text that are looked at
MIN_TEXT = 40  # shorter texts are alike by accident

Key = TypeVar("Key", bound=Hashable)


def normalised(text: str) -> str:
    """Full-width forms, letter case, spaces and punctuation do not make a difference."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).lower())


def normalised_group(name: str) -> str:
    plain = normalised(name)
    return _GROUP_WORDS.sub("", plain) or plain


def pairs(text: str) -> frozenset[str]:
    """The character pairs of a normalised text; of a single character, that character."""
    return frozenset(text[place : place + 2] for place in range(len(text) - 1)) or frozenset(filter(None, [text]))


def of_names(left: str, right: str) -> int:
    """Percent; 100 for names that are the same once normalised, 0 where one of them is empty."""
    left, right = normalised(left), normalised(right)
    return _of_normalised(left, right, pairs(left), pairs(right))


def of_groups(left: str, right: str) -> int:
    return of_names(normalised_group(left), normalised_group(right))


def _of_normalised(left: str, right: str, left_pairs: frozenset[str], right_pairs: frozenset[str]) -> int:
    if not left or not right:
        return 0
    if left == right:
        return 100
    shared = len(left_pairs & right_pairs)
    by_pairs = 2 * shared / (len(left_pairs) + len(right_pairs))
    if not shared:
        return 0
    # Different names never read as 100 %.
    return min(99, round(100 * max(by_pairs, SequenceMatcher(None, left, right, autojunk=False).ratio())))


@functools.lru_cache(maxsize=64)
def _text(text: str) -> tuple[str, frozenset[str]]:
    """One filing's text is compared with many in a row."""
    plain = normalised(text)[:TEXT_LENGTH]
    return plain, pairs(plain)


def of_texts(left: str, right: str) -> int:
    """Percent of all character pairs of both that both hold (Jaccard); 0 for texts too short to say.

    Not containment: reports of one enterprise share whole phrases, and a short one would be found in every long one.
    """
    (left_plain, first), (right_plain, second) = _text(left), _text(right)
    if min(len(left_plain), len(right_plain)) < MIN_TEXT:
        return 0
    if left_plain == right_plain:
        return 100
    return min(99, round(100 * len(first & second) / len(first | second)))


class Excerpt(NamedTuple):
    """A passage as it stands in one text, with a little of what is around it."""

    before: str
    match: str
    after: str


class Passage(NamedTuple):
    """The same words in two texts."""

    left: Excerpt
    right: Excerpt


PASSAGE = 14  # characters in a row that two texts do not share by accident
AROUND = 24
TRIED = 8  # places of one and the same run that are looked at


def passages(left: str, right: str, *, most: int = 4) -> list[Passage]:
    """Where ``left`` and ``right`` say the same, as written: the longest ones, in the order of ``left``.

    By runs of PASSAGE characters and in one walk, because comparing every character of two long texts with
    every other takes seconds.
    """
    left, right = left[: TEXT_LENGTH * 2], right[: TEXT_LENGTH * 2]
    places: dict[str, list[int]] = defaultdict(list)
    for place in range(len(right) - PASSAGE + 1):
        found = places[right[place : place + PASSAGE]]
        if len(found) < TRIED:
            found.append(place)
    runs: list[tuple[int, int, int]] = []
    at = 0
    while at <= len(left) - PASSAGE:
        tried = [(_run(left, at, right, there), there) for there in places.get(left[at : at + PASSAGE], ())]
        if not tried:
            at += 1
            continue
        length, there = max(tried, key=lambda one: (one[0], -one[1]))
        runs.append((at, there, length))
        at += length
    longest = sorted(runs, key=lambda run: (-run[2], run[0]))[:most]
    return [Passage(_excerpt(left, a, size), _excerpt(right, b, size)) for a, b, size in sorted(longest)]


def _run(left: str, at: int, right: str, there: int) -> int:
    """How far both go on alike from a place where they do."""
    length = PASSAGE
    while left[at + length : at + length + 1] == right[there + length : there + length + 1] != "":
        length += 1
    return length


def _excerpt(text: str, at: int, length: int) -> Excerpt:
    return Excerpt(text[max(0, at - AROUND) : at], text[at : at + length], text[at + length : at + length + AROUND])


class Hit(NamedTuple, Generic[Key]):
    key: Key
    percent: int


class Index(Generic[Key]):
    """Many names, asked which of them are like one: only those that share enough pairs are compared in full."""

    def __init__(self, names: Iterable[tuple[Key, str]]) -> None:
        self._names: list[tuple[Key, str, frozenset[str]]] = []
        self._places: dict[str, list[int]] = defaultdict(list)
        for key, name in names:
            plain = normalised(name)
            if plain:
                own = pairs(plain)
                for pair in own:
                    self._places[pair].append(len(self._names))
                self._names.append((key, plain, own))

    def __len__(self) -> int:
        return len(self._names)

    def like(self, name: str, *, at_least: int, most: int = 5) -> list[Hit[Key]]:
        """The names at least ``at_least`` percent alike, the most alike first; equal ones in the order given.

        Names sharing fewer than half of the pairs that ``at_least`` would ask for are not looked at: difflib can
        raise a figure above that of the pairs, but not by that much for names of a dozen characters.
        """
        plain = normalised(name)
        own = pairs(plain)
        shared: Counter[int] = Counter()
        for pair in own:
            shared.update(self._places.get(pair, ()))
        found = []
        for place, count in shared.items():
            key, other, others = self._names[place]
            if 4 * count * 100 < at_least * (len(own) + len(others)):
                continue
            percent = _of_normalised(plain, other, own, others)
            if percent >= at_least:
                found.append((-percent, place, key))
        found.sort(key=lambda each: each[:2])
        return [Hit(key, -percent) for percent, _place, key in found[:most]]
