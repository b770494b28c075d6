"""The registry's codes in words, for people who read pages. Pure; an unknown code is shown as it is."""

from collections.abc import Mapping

from shared.sharing.words import Words

REVIEW_KINDS: Mapping[str, Words] = {
    "ambiguous-identity": Words(zh="身份不明", en="Unclear who is meant"),
    "would-part": Words(zh="可能分为多人", en="Somebody would fall apart"),
    "possible-match": Words(zh="疑似同一人", en="Perhaps one person"),
    "merge-questioned": Words(zh="合并存疑", en="A merge in question"),
    "records-after-merge": Words(zh="撤销合并后的记录归属", en="Records after a merge was undone"),
}
REVIEW_STANDINGS: Mapping[str, Words] = {
    "open": Words(zh="待处理", en="open"),
    "decided": Words(zh="已决定", en="decided"),
    "lapsed": Words(zh="已失效", en="lapsed"),
}


def in_words(known: Mapping[str, Words], code: str) -> Words:
    """What a code means; the code itself where nobody has described it."""
    return known.get(code) or Words(zh=code, en=code)
