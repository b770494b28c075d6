"""How far two spellings lie apart. Pure."""


def within_edits(one: str, other: str, most: int) -> bool:
    """Whether at most `most` edits part two texts: a character wrong, missing or too many, or neighbours swapped."""
    return edits(one, other, most) <= most


def edits(one: str, other: str, most: int) -> int:
    """The edits that part two texts (optimal string alignment), counted up to `most` + 1."""
    if one == other:
        return 0
    if abs(len(one) - len(other)) > most:
        return most + 1
    if most == 1 and len(one) == len(other):
        return _one_wrong(one, other)
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, character in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (character != wanted))
            if i > 1 and j > 1 and character == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def _one_wrong(one: str, other: str) -> int:
    """1 where a character is wrong or two neighbours are swapped, else 2: texts of one length, which differ."""
    wrong = []
    for at, (character, wanted) in enumerate(zip(one, other, strict=True)):
        if character != wanted:
            wrong.append(at)
            if len(wrong) > 2:
                return 2
    first, last = wrong[0], wrong[-1]
    swapped = last == first + 1 and one[first] == other[last] and one[last] == other[first]
    return 1 if first == last or swapped else 2
