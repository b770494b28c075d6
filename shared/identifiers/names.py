"""Names of people as they are compared: in characters and by sound, simplified or traditional, in either order, in
Chinese characters, Latin letters or with the middle dot (Uyghur and other transcribed names). Pure."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice, product

import opencc

from shared.identifiers.pinyin import MOST_READINGS, compound, cut, in_given_name, in_surname
from shared.identifiers.spelling import within_edits

_DOTS = re.compile("[·•・‧∙⋅●．.]")
_BREAKS = re.compile(r"[\s,;/_\-‐‑–—]+")
_MARKS = re.compile("[\u0300-\u036f]")
_SIMPLER = opencc.OpenCC("t2s")


class Likeness(StrEnum):
    """How much two names agree."""

    EXACT = "exact"
    """The same characters."""
    VARIANT = "variant"
    """One name written otherwise: traditional characters, pinyin, the other order."""
    SIMILAR = "similar"
    """One character or letter wrong or missing, or other characters of the same sound."""
    PART = "part"
    """Only the family name or only the given name agrees."""
    DIFFERENT = "different"
    """Two names."""


def plain(name: str) -> str:
    """A name as it is compared: one Unicode form, no spaces, no case, one kind of middle dot."""
    return "".join(_DOTS.sub("·", unicodedata.normalize("NFKC", name)).split()).casefold().strip("·")


@lru_cache(maxsize=65_536)
def simplified(text: str) -> str:
    """Traditional characters folded to simplified ones, each by itself: a name is no sentence."""
    return "".join(map(_simpler, text))


@lru_cache(maxsize=16_384)
def _simpler(character: str) -> str:
    return str(_SIMPLER.convert(character))


def is_han(text: str) -> bool:
    """Whether every character is Chinese."""
    return bool(text) and all("\u3400" <= character <= "\u9fff" or character >= "\U00020000" for character in text)


@dataclass(frozen=True, slots=True)
class Parts:
    """A name taken apart. Nothing of it is shown when it is printed."""

    plain: str
    text: str
    """Plain and simplified."""
    words: tuple[str, ...]
    """Parts as written: one for Chinese characters without a dot."""
    han: bool
    """Chinese characters only, without a dot: family name and given name run together."""
    family: str
    """The family name of Chinese characters, where it stands first; else empty."""
    given: str
    """The rest of it."""
    readings: tuple[str, ...]
    """The likeliest first."""

    def __repr__(self) -> str:
        return "Parts(…)"


@lru_cache(maxsize=65_536)
def parts(name: str) -> Parts:
    """Take a name apart."""
    bare = plain(name)
    text = simplified(bare)
    if is_han(text):
        length = 2 if len(text) > 2 and compound(text[:2]) else 1
        return Parts(bare, text, (text,), True, text[:length], text[length:], _likeliest(_han_readings(text)))
    split = _BREAKS.sub(" ", _DOTS.sub(" ", unicodedata.normalize("NFKC", name))).split()
    words = tuple(filter(None, (_letters(simplified(word.casefold())) for word in split)))
    return Parts(bare, text, words, False, "", "", _likeliest(_word_readings(words)))


def _likeliest(found: list[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(found), MOST_READINGS))


def readings(name: str) -> frozenset[str]:
    """Every plausible reading of the whole name: syllables or words without tones, in alphabetical order, so that the
    order of family and given name does not matter. Two spellings of one name share at least one reading."""
    return frozenset(parts(name).readings)


def sort_key(name: str) -> str:
    """By it lists of people are sorted: by sound, family name first, then by the characters."""
    split = parts(name)
    if split.han:
        return " ".join(chain(_family_first(split), (split.text,)))
    spoken = (" ".join(_pinyin_of(word)[0]) if is_han(word) else word for word in split.words)
    return " ".join((*spoken, split.plain))


@lru_cache(maxsize=65_536)
def likeness(one: str, other: str) -> Likeness:
    """How much two names agree; the order of the two does not matter. An empty name agrees with nothing."""
    a, b = parts(one), parts(other)
    if not a.text or not b.text:
        return Likeness.DIFFERENT
    if a.plain == b.plain:
        return Likeness.EXACT
    if a.text == b.text:
        return Likeness.VARIANT
    if not a.readings or not b.readings:
        return Likeness.DIFFERENT
    if a.han and b.han:
        return _han_likeness(a, b)
    return _word_likeness(a, b)


def _family_first(split: Parts) -> tuple[str, ...]:
    family = compound(split.family) or tuple(in_surname(character)[0] for character in split.family)
    return (*family, *(in_given_name(character)[0] for character in split.given))


def _joined(syllables: tuple[str, ...]) -> str:
    return " ".join(sorted(syllables))


def _han_readings(text: str) -> list[str]:
    """Family name first, and as if it stood last: whoever swapped them kept its reading."""
    if len(text) == 1:
        return [*in_surname(text)]
    found = []
    for at_start, family, given in _divided(text):
        whole = compound(family)
        heads = [whole] if whole else [(each,) for each in in_surname(family)]
        tails = product(*(in_given_name(character) for character in given))
        found.append([_joined((*head, *tail)) for tail in islice(tails, MOST_READINGS) for head in heads])
        if whole and not at_start:
            return found[-1] + found[0]
    return [reading for each in found for reading in each]


def _divided(text: str) -> list[tuple[bool, str, str]]:
    first = 2 if len(text) > 2 and compound(text[:2]) else 1
    last = 2 if len(text) > 2 and compound(text[-2:]) else 1
    return [(True, text[:first], text[first:]), (False, text[-last:], text[:-last])]


def _letters(word: str) -> str:
    """A word without marks and apostrophes; ü after l or n as pinyin writes it."""
    word = re.sub("(?<=[ln])ü", "v", unicodedata.normalize("NFC", re.sub("[\u0300\u0301\u0304\u030c]", "", _nfd(word))))
    return "".join(character for character in _MARKS.sub("", _nfd(word)) if character.isalnum())


def _nfd(word: str) -> str:
    return unicodedata.normalize("NFD", word)


def _word_readings(words: tuple[str, ...]) -> list[str]:
    """Latin words that are all pinyin, cut into syllables; transcribed names by their characters; and as they are."""
    if not words:
        return []
    as_pinyin = [_pinyin_of(word) for word in words]
    found = []
    if all(as_pinyin):
        ways = (tuple(chain.from_iterable(way)) for way in product(*as_pinyin))
        found = [_joined(way) for way in islice(ways, MOST_READINGS) if len(way) > 1]
    return [*found, _joined(words)] if not any(is_han(word) for word in words) else found or [_joined(words)]


def _pinyin_of(word: str) -> tuple[tuple[str, ...], ...]:
    return (tuple(in_given_name(character)[0] for character in word),) if is_han(word) else cut(word)


def _han_likeness(a: Parts, b: Parts) -> Likeness:
    one, other = (a.text, b.text) if len(a.text) <= len(b.text) else (b.text, a.text)
    if set(one).isdisjoint(other):
        return Likeness.PART if set(a.readings) & set(b.readings) else Likeness.DIFFERENT
    if len(one) == len(other):
        if any(one[turn:] + one[:turn] == other for turn in (1, 2, len(one) - 1, len(one) - 2)):
            return Likeness.VARIANT
        differing = [(x, y) for x, y in zip(one, other, strict=True) if x != y]
        if len(differing) < len(one) and (len(differing) == 1 < len(one) - 1 or _sound_alike(differing)):
            return Likeness.SIMILAR
        if len(one) > 2 and sorted(one) == sorted(other):
            return Likeness.SIMILAR
    elif len(other) > 2 and len(other) - len(one) == 1 and len(one) > 1 and within_edits(one, other, 1):
        return Likeness.SIMILAR
    return Likeness.PART if a.family == b.family or a.given == b.given != "" else Likeness.DIFFERENT


def _sound_alike(differing: list[tuple[str, str]]) -> bool:
    return all(set(in_surname(x)) & set(in_surname(y)) for x, y in differing)


def _word_likeness(a: Parts, b: Parts) -> Likeness:
    if set(a.readings) & set(b.readings):
        return Likeness.VARIANT if a.han or b.han or sorted(a.words) == sorted(b.words) else Likeness.SIMILAR
    few, many = sorted((list(a.words), list(b.words)), key=lambda words: (len(words), words))
    if a.han or b.han:
        few, many = sorted((a.readings[0].split(), b.readings[0].split()), key=lambda words: (len(words), words))
    same = sum(1 for word in few if _has(many, word))
    if same == len(few) and (len(few) > 1 or len(many) == 1):
        return Likeness.SIMILAR
    if len(few) > 2 and same == len(few) - 1 and len(many) == len(few):
        return Likeness.SIMILAR
    return Likeness.PART if same else Likeness.DIFFERENT


def _has(words: list[str], wanted: str) -> bool:
    return any(_close(word, wanted) for word in words)


def _close(one: str, other: str) -> bool:
    """The same word with a typing error, or a transcription with another character of the same sound."""
    if one == other:
        return True
    if is_han(one) and is_han(other):
        return _pinyin_of(one) == _pinyin_of(other) or (min(len(one), len(other)) > 2 and within_edits(one, other, 1))
    shorter = min(len(one), len(other))
    return shorter > 3 and within_edits(one, other, 2 if shorter > 7 else 1)
