"""How Chinese characters in names are read, without tones: surnames by their own readings, polyphones by all that are
alive in names, and Latin words cut into the syllables they may stand for. Written as pypinyin does: ü is v."""

import os
import re
import unicodedata
from functools import lru_cache
from itertools import islice

# Read when it is imported: its phrases take 45 MB a process, and a name is no phrase.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")

from pypinyin.constants import PINYIN_DICT

MOST_READINGS = 8
"""Nobody's name has more living readings; the likeliest are kept."""

# As surnames, characters are read otherwise than in words: pypinyin alone gets these wrong. Where families differ
# (覃, 翟, 缪) both readings stand, the commoner first.
_SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "朴": "piao", "查": "zha", "盖": "ge gai", "乐": "yue le",
    "覃": "qin tan", "区": "ou", "员": "yun yuan", "缪": "miao mou", "种": "chong", "黑": "he hei", "逄": "pang",
    "隗": "wei kui", "谌": "chen shen", "牟": "mu mou", "翟": "zhai di", "秘": "bi", "祭": "zhai", "句": "gou",
    "尉": "wei yu", "召": "shao", "折": "she", "薄": "bo", "郇": "xun huan", "乜": "nie", "车": "che", "莘": "shen xin",
    "眭": "sui", "藏": "zang", "重": "chong", "曲": "qu", "石": "shi", "沈": "shen", "瞿": "qu", "柏": "bai bo",
    "褚": "chu", "尹": "yin", "冼": "xian", "洗": "xian", "娄": "lou", "贾": "jia", "叶": "ye", "俞": "yu", "万": "wan",
    "殷": "yin", "盛": "sheng", "宿": "su", "费": "fei bi", "令": "ling", "繁": "po", "适": "kuo shi", "郗": "xi chi",
    "阚": "kan", "晁": "chao", "臧": "zang", "於": "yu", "强": "qiang jiang", "哈": "ha", "那": "na", "过": "guo",
    "相": "xiang", "朝": "chao", "都": "du", "会": "gui", "行": "xing", "长": "chang", "撒": "sa", "幺": "yao",
    "佴": "nai", "忒": "tui", "么": "yao", "宓": "mi fu", "甯": "ning", "燕": "yan", "华": "hua", "应": "ying",
    "纪": "ji", "任": "ren", "葛": "ge", "宁": "ning", "钭": "tou", "暴": "bao", "曹": "cao", "陆": "lu", "冯": "feng",
    "余": "yu", "和": "he", "阿": "a", "大": "da", "家": "jia", "王": "wang", "红": "hong", "参": "shen can",
    "厘": "xi", "訾": "zi", "呙": "guo", "亓": "qi", "郄": "qie xi", "妫": "gui", "谯": "qiao", "干": "gan",
    "舍": "she", "赖": "lai", "佟": "tong", "仉": "zhang", "禚": "zhuo", "戚": "qi", "能": "nai neng",
}  # fmt: skip

_COMPOUND_SURNAMES = {
    "欧阳": "ou yang", "上官": "shang guan", "诸葛": "zhu ge", "司马": "si ma", "司徒": "si tu", "司空": "si kong",
    "东方": "dong fang", "独孤": "du gu", "南宫": "nan gong", "夏侯": "xia hou", "皇甫": "huang fu", "尉迟": "yu chi",
    "公孙": "gong sun", "公羊": "gong yang", "慕容": "mu rong", "长孙": "zhang sun", "宇文": "yu wen",
    "申屠": "shen tu", "轩辕": "xuan yuan", "令狐": "ling hu", "钟离": "zhong li", "闾丘": "lv qiu", "鲜于": "xian yu",
    "万俟": "mo qi", "澹台": "tan tai", "淳于": "chun yu", "单于": "chan yu", "太史": "tai shi",
    "赫连": "he lian", "呼延": "hu yan",
    "端木": "duan mu", "东郭": "dong guo", "西门": "xi men", "拓跋": "tuo ba", "完颜": "wan yan", "濮阳": "pu yang",
    "纳兰": "na lan", "爱新": "ai xin", "百里": "bai li", "东门": "dong men", "叶赫": "ye he", "第五": "di wu",
    "乐正": "yue zheng", "谷梁": "gu liang", "宗政": "zong zheng", "公冶": "gong ye", "太叔": "tai shu",
}  # fmt: skip

_GIVEN = {
    "长": "chang zhang", "乐": "le yue", "重": "zhong chong", "晟": "sheng cheng", "茜": "qian xi", "朝": "chao zhao",
    "行": "xing hang", "曾": "zeng ceng", "传": "chuan zhuan", "莎": "sha suo", "娜": "na nuo", "单": "dan shan",
    "柏": "bai bo", "露": "lu lou", "蔚": "wei yu", "澄": "cheng deng", "盛": "sheng cheng", "泊": "bo po",
    "颉": "jie xie", "奇": "qi ji", "栖": "qi xi", "仔": "zi zai", "觉": "jue jiao", "阿": "a e", "叶": "ye",
    "车": "che", "万": "wan", "石": "shi", "红": "hong", "家": "jia", "大": "da", "伽": "jia ga", "和": "he",
    "宿": "su xiu", "解": "jie xie", "朴": "pu piao", "省": "sheng xing", "参": "can shen", "会": "hui",
    "贾": "jia", "王": "wang", "藏": "zang cang", "缪": "miu miao", "说": "yue shuo", "核": "he", "厦": "xia sha",
    "尉": "wei yu", "召": "zhao shao", "折": "zhe", "薄": "bo", "莘": "xin shen", "玥": "yue", "禅": "chan shan",
    "调": "tiao diao", "校": "xiao jiao", "率": "shuai lv", "虹": "hong", "拾": "shi", "郇": "xun", "降": "jiang xiang",
    "祭": "ji", "查": "cha", "盖": "gai", "好": "hao", "给": "ji gei", "嘉": "jia", "殷": "yin", "汤": "tang",
    "葛": "ge", "翟": "zhai di", "仇": "chou qiu", "种": "zhong", "区": "qu", "强": "qiang", "便": "bian", "卜": "bu",
    "妮": "ni", "佳": "jia", "若": "ruo", "夏": "xia", "丽": "li", "思": "si", "南": "nan", "雅": "ya", "汐": "xi",
    "隽": "jun juan", "沈": "shen chen", "员": "yuan", "都": "du", "蕃": "fan", "粘": "nian zhan", "瑾": "jin",
}  # fmt: skip

_ODD = frozenset({"n", "ng", "m", "hm", "hng", "ê", "o", "yo", "lo"})
_TONES = re.compile("[\u0300\u0301\u0304\u030c]")


def _toneless(reading: str) -> str:
    spread = _TONES.sub("", unicodedata.normalize("NFD", reading))
    return unicodedata.normalize("NFC", spread).replace("ü", "v").replace("ê", "e")


@lru_cache(maxsize=32_768)
def in_given_name(character: str) -> tuple[str, ...]:
    """The readings of one character in a given name, the likeliest first. An unknown character reads as itself."""
    if character in _GIVEN:
        return tuple(_GIVEN[character].split())
    known = PINYIN_DICT.get(ord(character), "")
    return (_toneless(known.split(",")[0]),) if known else (character,)


@lru_cache(maxsize=32_768)
def in_surname(character: str) -> tuple[str, ...]:
    """The readings of one character as a surname, the likeliest first. The reading in words comes last: systems that
    know no better print it in passports and on forms."""
    own = _SURNAMES.get(character, "").split()
    return tuple(dict.fromkeys((*own, *in_given_name(character))))


def compound(text: str) -> tuple[str, ...]:
    """The reading of a surname of two characters; empty for anything else."""
    return tuple(_COMPOUND_SURNAMES.get(text, "").split())


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    """Every syllable that any character has."""
    all_readings = (reading for readings in PINYIN_DICT.values() for reading in readings.split(","))
    return frozenset(_toneless(reading) for reading in all_readings) - _ODD


def _cuts(word: str) -> list[tuple[str, ...]]:
    """Every way to cut a word into syllables."""
    found: list[list[tuple[str, ...]]] = [[] for _ in range(len(word) + 1)]
    found[0].append(())
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 6), end):
            if word[start:end] in _syllables():
                found[end] += [(*before, word[start:end]) for before in found[start]]
    return found[-1]


@lru_cache(maxsize=32_768)
def cut(word: str) -> tuple[tuple[str, ...], ...]:
    """The ways in which a Latin word is pinyin, fewest syllables first; none if it is not. Passports write ü as YU
    (LYU), older ones as U, others as V: LU may be either."""
    if not word.isascii() or not 1 <= len(word) <= 18:
        return ()
    spellings = dict.fromkeys((word, re.sub("(?<=[ln])yu", "v", word), re.sub("(?<=[ln])u(?=$|e$)", "v", word)))
    ways = sorted((way for each in spellings for way in _cuts(each)), key=len)
    return tuple(islice(dict.fromkeys(ways), 4))
