"""The refusals of statistics, in words for people."""

from shared.errors import declare
from shared.errors_text import ErrorText

COUNTY_ONLY, OTHER_PURPOSE = "county-and-year-only", "statistics-purpose-required"

declare(
    COUNTY_ONLY,
    ErrorText(
        403,
        "Told for the whole county and year only",
        "仅按全县、全年提供",
        "This is published for the whole county, never by area; births, fertility and the sex ratio at birth by the "
        "year only, so that nobody is measured by them (protection rule 10). Ask without an area.",
        "该指标仅发布全县数据，不按区域；出生、生育率与出生性别比仅按全年发布，以免据此考核任何人（保护规则第10条）。请勿指定区域。",
    ),
)
declare(
    OTHER_PURPOSE,
    ErrorText(
        403,
        "The purpose must be statistics",
        "用途须为统计",
        "Use a token issued for the purpose `statistics`.",
        "请使用用途为 statistics 的令牌。",
    ),
)
