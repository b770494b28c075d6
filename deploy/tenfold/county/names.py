"""Names for people who do not exist, as common as they would be: surnames by their share of the register, given names
by sex and by the fashion of the birth year."""

import random

from shared.identifiers.resident import Sex

# Order and rough per-mille shares after the name reports of the Ministry of Public Security (2019, 2020: the first five
# are 30.8 % of registered people, the first hundred 85.9 %); Shandong's own order differs little.
_SURNAMES = {
    "王": 72, "李": 71, "张": 68, "刘": 54, "陈": 43, "杨": 31, "赵": 24, "黄": 21, "周": 19, "吴": 19, "徐": 15,
    "孙": 15, "胡": 13, "朱": 13, "高": 12, "林": 11, "何": 11, "郭": 11, "马": 11, "罗": 9, "梁": 8, "宋": 8,
    "郑": 8, "谢": 7, "韩": 7, "唐": 7, "冯": 6, "于": 6, "董": 6, "肖": 6, "程": 6, "曹": 6, "袁": 5,
    "邓": 5, "许": 5, "傅": 5, "沈": 5, "曾": 5, "彭": 5, "吕": 5, "苏": 5, "卢": 5, "蒋": 5, "蔡": 4,
    "贾": 4, "丁": 4, "魏": 4, "薛": 4, "叶": 4, "阎": 3, "余": 4, "潘": 4, "杜": 4, "戴": 3, "夏": 3,
    "钟": 3, "汪": 3, "田": 4, "任": 4, "姜": 3, "范": 3, "方": 3, "石": 3, "姚": 3, "谭": 3, "廖": 3,
    "邹": 3, "熊": 3, "金": 3, "陆": 3, "郝": 2, "孔": 2, "白": 2, "崔": 2, "康": 2, "毛": 2, "邱": 2,
    "秦": 2, "江": 2, "史": 2, "顾": 2, "侯": 2, "邵": 2, "孟": 2, "龙": 2, "万": 2, "段": 2, "钱": 2,
    "汤": 2, "尹": 2, "黎": 2, "易": 1, "常": 1, "武": 1, "乔": 1, "贺": 1, "赖": 1, "龚": 1, "文": 1,
    "单": 1, "仇": 1, "解": 1, "朴": 1, "欧阳": 1, "上官": 1, "诸葛": 1,
}  # fmt: skip

# (born before, men's characters, women's characters, share of one-character given names)
_FASHIONS: tuple[tuple[int, str, str, float], ...] = (
    (
        1960,
        "国建德明志文玉福贵庆永长金树春荣华生林兴义成宝来山海清祥顺忠保全有廷学兆传连洪",
        "秀英兰玉桂芳珍凤淑素月云翠莲香花菊琴巧爱荣芝美贞春娥梅彩金银仙环霞",
        0.06,
    ),
    (
        1980,
        "建国军伟强志明勇平刚海峰永红卫东辉波文斌新涛利民杰宏振家宝林庆华立忠亮",
        "丽红艳秀敏霞燕玲华英萍梅芳娟琴洁桂兰凤爱春静云淑慧彩平莉琳娜颖晓",
        0.42,
    ),
    (
        2000,
        "伟强磊洋鹏杰超涛斌浩宇凯俊健飞晨旭龙博文志明帅阳帆峰晓东亮坤林航哲昊",
        "静婷雪丽娜敏倩丹莹晶颖慧琳佳欣怡梦瑶璐璇晓雨蕾洁悦琪思宁蓉薇文",
        0.40,
    ),
    (
        10_000,
        "浩宇轩子俊博泽睿晨铭梓辰皓奕宸沐言嘉佑一诺景行明远承安思源书航昱泓煜",
        "雨欣梓涵诗怡可馨若汐艺彤语桐沐瑶思妍依诺一宁清禾芷晴书瑾星玥昕云知夏安",
        0.12,
    ),
)

_COMPOUND = tuple(surname for surname in _SURNAMES if len(surname) == 2)
_CHOICES = tuple(_SURNAMES)
_WEIGHTS = tuple(_SURNAMES.values())


def surnames(rng: random.Random, count: int) -> list[str]:
    """`count` surnames at their real frequencies (compound surnames included)."""
    return rng.choices(_CHOICES, _WEIGHTS, k=count)


def given_name(rng: random.Random, sex: Sex, birth_year: int) -> str:
    """One or two characters in the fashion of that year."""
    men, women, single = next(each[1:] for each in _FASHIONS if birth_year < each[0])
    characters = men if sex == "male" else women
    first = rng.choice(characters)
    return first if rng.random() < single else first + rng.choice(characters)


def surname_of(name: str) -> str:
    """The surname that a full name of the county begins with."""
    return name[:2] if name.startswith(_COMPOUND) else name[:1]
