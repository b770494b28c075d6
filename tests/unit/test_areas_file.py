"""A list of areas as a file: YAML as it is provisioned, or CSV that a spreadsheet writes."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from deploy.tenfold.areas import read
from services.registry.areas.rules import faults
from shared.identifiers.areas import Area

HEADER = "code,zh,en,valid_from,valid_until,successors,households\n"
OLD, NEW, OTHER = "370102901000", "370102904000", "370102905000"
AREAS = TypeAdapter(list[Area])


def written(folder: Path, households: str) -> Path:
    file = folder / "areas.csv"
    ended = f"{OLD},柳泉街道,Liuquan,,2026-12-31,{NEW} {OTHER},{households}\n"
    begun = "".join(f"{code},新街道,New,2027-01-01,,,\n" for code in (NEW, OTHER))
    file.write_text(HEADER + ended + begun, encoding="utf-8-sig")
    return file


@pytest.mark.parametrize("households", [f"{NEW}:H17 H18; {OTHER}:H20", f"{NEW}：H17 H18；{OTHER}：H20"])
def test_a_csv_file_says_which_households_each_successor_of_a_split_holds(tmp_path: Path, households: str) -> None:
    split, *_ = areas = AREAS.validate_python(read(written(tmp_path, households)))
    assert split.households == {NEW: ("H17", "H18"), OTHER: ("H20",)}
    assert split.successors == (NEW, OTHER)
    assert [dict(area.households) for area in areas[1:]] == [{}, {}]
    assert not [each for each in faults(areas) if "households" in each.pointer]


@pytest.mark.parametrize("households", ["H17 H18", f"{NEW}:H17; {NEW}:H18"])
def test_households_of_no_successor_are_refused_and_so_is_one_named_twice(tmp_path: Path, households: str) -> None:
    with pytest.raises(ValueError, match="households names successors"):
        read(written(tmp_path, households))
