"""Find a firm's name in a text that writes it differently: by sound, in Latin letters, split, reversed. Pure.

`masking` finds the name as written, in any width, with blanks and in traditional characters. These forms are proposals:
a word may sound like a name by chance, so they need the firm's decision, and no text is changed without it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from urllib.parse import urlsplit

from core.traditional import simplified

MIN_LATIN = 6
"""Fewest letters of a spelled-out name: shorter ones are ordinary English words and abbreviations."""
MIN_INITIALS = 4
COMMON_READINGS = 3
"""Of a character, the most frequent first; the dictionary also has archaic ones."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_SENTENCE_END = frozenset('，。；、：！？,;!?\n“”"《》')
_FUNCTION_WORDS = frozenset("不是的了在有和与或为以及其可个一没说被把对从到这那都也就只又再很更最已将于之所者")
_SPLIT_CHARACTERS = """
机=木几 床=广木 明=日月 林=木木 森=木木木 好=女子 时=日寸 钢=钅冈 江=氵工
海=氵每 河=氵可 湖=氵胡 洋=氵羊 港=氵巷 船=舟㕣 星=日生 晶=日日日
鑫=金金金 淼=水水水 磊=石石石 众=人人人 焱=火火火 章=立早 科=禾斗 和=禾口
利=禾刂 轴=车由 轮=车仑 铸=钅寿 锻=钅段 铁=钅失 铝=钅吕 铜=钅同 钛=钅太
镁=钅美 峰=山夆 岭=山令 峡=山夹 启=户口 如=女口 加=力口 动=云力 创=仓刂
新=亲斤 树=木对 桥=木乔 松=木公 柏=木白 桅=木危 砺=石厉 硕=石页 研=石开
码=石马 理=王里 珂=王可 琪=王其 瑞=王耑 环=王不 玥=王月 溯=氵朔 沧=氵仓
汐=氵夕 潮=氵朝 澜=氵阑 汀=氵丁 泽=氵睪 润=氵闰 沃=氵夭 涛=氵寿 浩=氵告
泰=三人水 达=大辶 远=元辶 连=车辶 强=弓虽 张=弓长 弘=弓厶 胡=古月 吉=士口
嘉=士口 品=口口口 思=田心 志=士心 恒=忄亘 信=亻言 伟=亻韦 佳=亻圭 仁=亻二
保=亻呆
"""
_COMPONENTS = dict(pair.split("=") for pair in _SPLIT_CHARACTERS.split())
"""Common characters → the parts that people write instead."""


@dataclass(frozen=True)
class Disguise:
    start: int
    end: int
    excerpt: str
    form: str
    """How it is written: 谐音, 拼音, 拼音首字母, 拆字, 倒序, 网站名."""


def find_disguises(text: str, names: Sequence[str], website: str = "") -> list[Disguise]:
    """The disguised mentions of `names` (from `firm_names`) and of the site's own domain, without overlap."""
    finds: list[Disguise] = []
    taken: set[int] = set()
    forms = _forms(tuple(names), website)
    for disguise in _disguises(text, forms):
        span = range(disguise.start, disguise.end)
        if taken.isdisjoint(span):
            taken.update(span)
            finds.append(disguise)
    return sorted(finds, key=lambda find: find.start)


@dataclass(frozen=True)
class _Forms:
    han: tuple[str, ...]
    """The Han spellings, longest first."""
    latin: tuple[str, ...]
    """Patterns of the spelled-out names: one alternative for each reading of a character."""
    initials: tuple[str, ...]
    split: tuple[str, ...]
    site: tuple[str, ...]


@lru_cache(maxsize=500)
def _forms(names: tuple[str, ...], website: str) -> _Forms:
    han = [simplified(re.sub(r"[^\u3400-\u9fff]", "", name)) for name in names]
    han = sorted({name for name in han if len(name) >= 2}, key=lambda name: (-len(name), name))
    latin = [_latin_pattern(name) for name in han if sum(map(len, map(_reading, name))) >= MIN_LATIN]
    initials = [_initials_pattern(name) for name in han if len(name) >= MIN_INITIALS]
    split = {"".join(_COMPONENTS.get(c, c) for c in name) for name in han} | {
        name.replace(c, _COMPONENTS[c]) for name in han for c in name if c in _COMPONENTS
    }
    return _Forms(
        tuple(han),
        tuple(latin),
        tuple(initials),
        tuple(sorted(split - set(han), key=len, reverse=True)),
        _site_words(website),
    )


def _latin_pattern(name: str) -> str:
    return "[ ]?".join(
        "(?:" + "|".join("[ ]?".join(word) for word in sorted(_spellings(character))) + ")" for character in name
    )


def _initials_pattern(name: str) -> str:
    return "".join("[" + "".join(sorted({word[0] for word in _spellings(character)})) + "]" for character in name)


@cache
def _spellings(character: str) -> frozenset[str]:
    """The readings in letters; ü as people type it: v, and u."""
    words = {word for word in _readings(character) if word.isalpha()} or {character}
    return frozenset(word.replace("ü", letter) for word in words for letter in "vu")


def _site_words(website: str) -> tuple[str, ...]:
    """The distinctive label of the domain: www.dl-jc.com.cn → dl-jc."""
    host = (urlsplit(website if "//" in website else f"//{website}").hostname or "").removeprefix("www.")
    labels = [label for label in host.split(".")[:-1] if label not in {"com", "net", "org", "gov", "edu", "cn"}]
    return tuple(label for label in labels if len(label) >= 4)


def _disguises(text: str, forms: _Forms) -> Iterator[Disguise]:
    yield from _by_letters(text, forms)
    characters, places = _han_only(text)
    for form, wanted in (("拆字", forms.split), ("倒序", tuple(name[::-1] for name in forms.han if len(name) >= 3))):
        for name in wanted:
            for match in re.finditer(re.escape(name), characters):
                if span := _span(text, places, match.start(), len(name)):
                    yield Disguise(*span, text[slice(*span)], form)
    yield from _spread(text, forms)
    for name in forms.han:
        yield from _by_sound(text, characters, places, name)


def _by_letters(text: str, forms: _Forms) -> Iterator[Disguise]:
    """Spelled-out names, also with blanks, dots and tone marks, their initials, and the label of the site."""
    letters, places = [], []
    for place, character in enumerate(text):
        for folded in unicodedata.normalize("NFKD", character.replace("ü", "v")).lower():
            if folded.isascii() and folded.isalnum():
                letters.append(folded)
                places.append(place)
            elif unicodedata.category(folded)[0] not in "M" and (not letters or letters[-1] != " "):
                letters.append(" " if folded in " -_.·'’\u200b" or folded.isspace() else "|")
                places.append(place)
    folded_text = "".join(letters)
    for word in forms.latin:
        pattern = rf"(?<![a-z0-9]){word}(?![a-z])"
        yield from _letter_finds(text, places, re.finditer(pattern, folded_text), "拼音")
    for word in forms.initials:
        pattern = rf"(?<![a-z0-9]){word}(?![a-z0-9])"
        yield from _letter_finds(text, places, re.finditer(pattern, folded_text), "拼音首字母")
    for label in forms.site:
        pattern = r"(?<![a-z0-9])" + r"[ ]?".join(re.escape(c) for c in label if c.isalnum()) + r"(?![a-z0-9])"
        yield from _letter_finds(text, places, re.finditer(pattern, folded_text), "网站名")


def _letter_finds(text: str, places: list[int], matches: Iterator[re.Match[str]], form: str) -> Iterator[Disguise]:
    for match in matches:
        start, end = places[match.start()], places[match.end() - 1] + 1
        yield Disguise(start, end, text[start:end], form)


def _han_only(text: str) -> tuple[str, list[int]]:
    """The Han characters of the text, simplified, and their places."""
    characters, places = [], []
    for place, character in enumerate(text):
        folded = unicodedata.normalize("NFKC", character)
        if _HAN.fullmatch(folded) or folded in _RADICALS:
            characters.append(simplified(folded))
            places.append(place)
    return "".join(characters), places


_RADICALS = frozenset("氵钅忄亻辶刂")


def _span(text: str, places: list[int], first: int, count: int, *, most: int = 3) -> tuple[int, int] | None:
    """(start, end) of `count` Han characters, if no more than `most` other characters stand between two of them."""
    own = places[first : first + count]
    if len(own) < count or any(right - left > most + 1 for left, right in pairwise(own)):
        return None
    return own[0], own[-1] + 1


def _spread(text: str, forms: _Forms) -> Iterator[Disguise]:
    """The name with signs, letters or digits between its characters."""
    characters, places = _han_only(text)
    for name in forms.han:
        for match in re.finditer(re.escape(name), characters):
            span = _span(text, places, match.start(), len(name))
            if span and span[1] - span[0] > len(name):
                yield Disguise(*span, text[slice(*span)], "拆开写")


def _by_sound(text: str, characters: str, places: list[int], name: str) -> Iterator[Disguise]:
    """Other characters with the same sounds. Two characters must also share the tones, or one of the characters."""
    wanted = [_readings(character) for character in name]
    sounds = [_readings(character) for character in characters]
    for first in range(len(characters) - len(name) + 1):
        if not wanted[0] & sounds[first]:
            continue
        window = characters[first : first + len(name)]
        if window == name or any(not a & b for a, b in zip(wanted, sounds[first : first + len(name)], strict=True)):
            continue
        if len(name) == 2 and not _is_unusual(window, name):
            continue
        span = _span(text, places, first, len(name), most=1)
        if span and not _SENTENCE_END & set(text[slice(*span)]):
            yield Disguise(*span, text[slice(*span)], "谐音")


def _is_unusual(window: str, name: str) -> bool:
    """Whether two characters that sound like a name are no word of the language and close to the name."""
    from pypinyin.constants import PHRASES_DICT

    if window in PHRASES_DICT or any(a in _FUNCTION_WORDS and a != b for a, b in zip(window, name, strict=True)):
        return False
    same_tones = all(_tones(a) & _tones(b) for a, b in zip(window, name, strict=True))
    return same_tones or any(a == b for a, b in zip(window, name, strict=True))


@cache
def _readings(character: str) -> frozenset[str]:
    from pypinyin import Style, pinyin

    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0][:COMMON_READINGS])


@cache
def _tones(character: str) -> frozenset[str]:
    from pypinyin import Style, pinyin

    return frozenset(pinyin(character, style=Style.TONE3, heteronym=True)[0][:COMMON_READINGS])


@cache
def _reading(character: str) -> str:
    from pypinyin import Style, pinyin

    return pinyin(character, style=Style.NORMAL)[0][0].replace("ü", "v")
