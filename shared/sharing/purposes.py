"""What the closed list of purposes (contracts.md) is called. Pure."""

from typing import Final

from shared.sharing.words import Words

PURPOSES: Final[dict[str, Words]] = {
    "vital-registration": Words(zh="生命事件登记", en="vital registration"),
    "household-registration": Words(zh="户籍登记", en="household registration"),
    "service-delivery": Words(zh="公共服务", en="service delivery"),
    "school-planning": Words(zh="学位规划", en="school planning"),
    "statistics": Words(zh="统计", en="statistics"),
    "identity-review": Words(zh="身份核查", en="identity review"),
    "correction": Words(zh="更正", en="correction"),
    "audit": Words(zh="审计", en="audit"),
    "care": Words(zh="健康服务", en="care"),
    "own-data": Words(zh="本人数据", en="own data"),
}
