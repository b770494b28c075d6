"""What a page calls an area. Pure."""

from shared.identifiers.areas import AreaTable
from shared.sharing.words import Words


def called(table: AreaTable, code: str) -> Words | None:
    """Its name; of an area that the list does not know, the name of the nearest one around it that it does, said as
    such; None where it knows none."""
    if (area := table.get(code)) is not None:
        return Words(zh=area.zh, en=area.en)
    around = (f"{code[:9]}000", code[:6], f"{code[:4]}00", f"{code[:2]}0000")
    for each in around:
        if (area := table.get(each)) is not None:
            return Words(zh=f"{area.zh}，其下未列入区划表", en=f"{area.en}, in a part that is not listed")
    return None
