"""What the quality of a register is called, for people who read pages. Pure."""

from collections.abc import Mapping

from shared.sharing.words import Words

BIRTH_QUALITY: Mapping[str, Words] = {
    "estimate": Words(zh="双系统估计出生数（Chandrasekaran–Deming）", en="Births as estimated from two systems"),
    "chapman": Words(zh="同上，Chapman 估计", en="The same by Chapman's estimate"),
    "standard_error": Words(zh="标准误", en="Standard error"),
    "certificates_complete_percent": Words(zh="出生医学证明完整率（%）", en="Completeness of certificates (%)"),
    "registrations_complete_percent": Words(zh="户口登记完整率（%）", en="Completeness of the household register (%)"),
    "timely_percent": Words(zh="一个月内登记（%）", en="Registered within one month (%)"),
    "late_percent": Words(zh="一年内登记（%）", en="Registered within a year (%)"),
    "delayed_percent": Words(zh="超过一年登记（%）", en="Registered after more than a year (%)"),
    "unregistered_percent": Words(zh="尚未登记（%）", en="Not registered yet (%)"),
}
CONSISTENCY: Mapping[str, Words] = {
    "whipple": Words(zh="惠普尔指数（100 为无偏好）", en="Whipple's index of ages (100: no preference)"),
    "myers": Words(zh="迈耶斯指数（0 为无偏好）", en="Myers' index of ages (0: no preference)"),
    "animal_years_percent": Words(zh="生肖年偏好（%）", en="Preference for animal years (%)"),
    "born_on_new_year_times_expected": Words(
        zh="1月1日出生者，为应有人数的倍数", en="Born on 1 January, times what is expected"
    ),
    "born_on_first_of_other_months_times_expected": Words(
        zh="其他各月1日出生者，为应有人数的倍数", en="Born on the first of other months, times what is expected"
    ),
}
WAITING: Mapping[str, Words] = {
    "open_contradictions": Words(zh="待澄清的矛盾", en="Contradictions that stand"),
    "unmatched_halves_of_moves": Words(zh="缺少另一半的迁移", en="Moves of which one half is missing"),
}


def elsewhere(area: Words) -> Words:
    """The rest of an area: people of whom no smaller place is known."""
    return Words(zh=f"{area.zh}（未载明下级区域）", en=f"{area.en}, no smaller place known")
