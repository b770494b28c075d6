"""What a page calls an area that the list knows, one in a county that it knows, and one it has never met."""

import pytest

from services.registry.ui.citizen_view import place_names
from services.registry.ui.places import called
from shared.identifiers.areas import AreaTable
from shared.settings import PROVISIONING
from shared.sharing.words import Words

TABLE = AreaTable.load(PROVISIONING / "areas.yaml")
TOWNSHIP = next(code for code in TABLE if len(code) == 12 and code.endswith("000"))


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("370102", "历下区", "Lixia"),
        ("370102777001", "历下区，其下未列入区划表", "Lixia, in a part that is not listed"),
        ("379999", "山东省，其下未列入区划表", "Shandong, in a part that is not listed"),
        (
            f"{TOWNSHIP[:9]}998",
            f"{TABLE[TOWNSHIP].zh}，其下未列入区划表",
            f"{TABLE[TOWNSHIP].en}, in a part that is not listed",
        ),
    ],
)
def test_an_area_is_called_by_its_name_or_by_the_nearest_around_it(code: str, zh: str, en: str) -> None:
    assert called(TABLE, code) == Words(zh=zh, en=en)
    assert place_names(TABLE)(code) == Words(zh=f"{zh}（{code}）", en=f"{en} ({code})")


def test_of_an_area_far_away_the_code_is_shown() -> None:
    assert called(TABLE, "110101") is None
    assert place_names(TABLE)("110101") == Words(zh="110101", en="110101")
