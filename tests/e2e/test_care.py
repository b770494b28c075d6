"""Nine months of care, as a newcomer plays them."""

import json
import re
from pathlib import Path

from tests.running import environment, tenfold


def test_nine_months_of_care_go_as_they_must_and_every_transition_has_its_reason(tmp_path: Path) -> None:
    answer = tenfold("care", "--json", env=environment(tmp_path), seconds=240)
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert told["repeated"] == told["readable_after_withdrawal"] == 0
    assert told["withheld"] > 0
    kinds = told["transitions"]
    assert kinds["opened"] > kinds["missed"] > 0
    assert kinds["moved-away"] == kinds["moved-here"] == 1
    lines = [line for line in answer.stderr.splitlines() if re.match(r"\d{4}-\d\d-\d\d \S+ missed ", line)]
    assert lines
    assert all("胡雅婷" in line or "张思远" in line for line in lines), "who keeps her contacts misses none"
    assert all("(" in line for line in lines), "each names the clause that asks for it"
