"""Protection rule 5: no scheme of the provisioned list depends on pregnancy, loss, contraception, parity or marital
status.

Why: whoever is told that a person is in a scheme is told what the scheme depends on.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from shared.sharing.provisioning import ProvisioningRefused
from shared.sharing.schemes import FILE, Scheme, Schemes

PROVISIONING = Path(__file__).parents[2] / "deploy" / "provisioning"
BASIS = {
    "law": {"zh": "法", "en": "Law"},
    "article": {"zh": "第一条", "en": "Article 1"},
    "text": {"zh": "文", "en": "Text"},
}
PLAIN: dict[str, Any] = {
    "code": "old-age", "kind": "entitlement", "title": {"zh": "津贴", "en": "Allowance"}, "legal_basis": [BASIS],
}  # fmt: skip


def test_the_provisioned_list_is_accepted_and_has_both_kinds() -> None:
    kinds = Schemes.load(PROVISIONING).by_kind()
    assert set(kinds) == {"insurance", "entitlement"}
    assert all(kinds.values())


def test_the_scheme_that_every_refusal_varies_is_accepted() -> None:
    assert Scheme.model_validate(PLAIN).code == "old-age"


@pytest.mark.parametrize(
    "change",
    [
        {"code": "maternity"},
        {"code": "birth-allowance"},
        {"code": "marriage-leave"},
        {"code": "widows-pension"},
        {"code": "sterilisation-bonus"},
        {"code": "second-child-bonus"},
        {"code": "miscarriage-leave"},
        {"title": {"zh": "生育保险", "en": "Insurance"}},
        {"title": {"zh": "独生子女奖励", "en": "Allowance"}},
        {"title": {"zh": "婚假补贴", "en": "Allowance"}},
        {"title": {"zh": "津贴", "en": "Allowance for an only child"}},
        {"legal_basis": [{**BASIS, "law": {"zh": "人口与计划生育法", "en": "Law"}}]},
        {"legal_basis": [{**BASIS, "text": {"zh": "文", "en": "Paid to pregnant women"}}]},
        {"legal_basis": [{**BASIS, "text": {"zh": "文", "en": "Paid by parity"}}]},
    ],
)
def test_a_scheme_that_tells_of_births_or_marriage_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="refused by protection rule"):
        Scheme.model_validate(PLAIN | change)


@pytest.mark.parametrize(
    "change", [{"depends_on": ["age"]}, {"kind": "bonus"}, {"legal_basis": []}, {"code": "Old Age"}]
)
def test_a_scheme_has_a_code_a_kind_a_title_and_a_basis_and_nothing_else(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Scheme.model_validate(PLAIN | change)


def test_a_code_means_one_scheme(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(yaml.safe_dump({"schemes": [PLAIN, PLAIN]}), "utf-8")
    with pytest.raises(ProvisioningRefused, match="twice"):
        Schemes.load(tmp_path)
