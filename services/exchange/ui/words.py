"""The exchange's codes in words, for people who read pages. Pure; an unknown code is shown as it is."""

from collections.abc import Mapping

from services.exchange.contract.page import MEANINGS
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.entries import ENTRIES
from shared.sharing.departments import Departments
from shared.sharing.words import Words

STATUSES: Mapping[str, Words] = {
    "accepted": Words(zh="处理中", en="on its way"),
    "applied": Words(zh="已入册", en="applied"),
    "held": Words(zh="暂挂", en="held"),
    "rejected": Words(zh="已退回", en="rejected"),
}
REASONS: Mapping[str, Words] = {
    "superseded-not-arrived": Words(
        zh="所更正或撤销的事件尚未上报", en="the event that it corrects or annuls has not arrived"
    ),
    "supersedes-another-kind": Words(
        zh="所更正的是另一类型或其他部门的事件", en="it corrects an event of another type or department"
    ),
    "identity-ambiguous": Words(
        zh="证件号码对应多人，须人工判定", en="its identifiers belong to several people: a clerk decides"
    ),
    "deadline-passed": Words(zh="期限已过", en="its day has passed"),
    "on-its-way": Words(zh="处理超时，尚无结果", en="it has been on its way for too long"),
}
DECIDERS: Mapping[str, Words] = {
    "reporting department": Words(zh="上报部门", en="reporting department"),
    "registry clerk": Words(zh="登记库审核员", en="registry clerk"),
}
STATES: Mapping[str, Words] = {
    "active": Words(zh="投递中", en="active"),
    "paused": Words(zh="已暂停", en="paused"),
    "disabled": Words(zh="已停用", en="disabled"),
}
PURPOSES: Mapping[str, Words] = {
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


def in_words(known: Mapping[str, Words], code: str | None) -> Words | None:
    """What a code means; the code itself where nobody has described it, None where there is none."""
    return None if not code else known.get(code) or Words(zh=code, en=code)


def type_title(type_: str) -> Words:
    """What an event type, or a type of entry, is called."""
    if type_ in CATALOGUE:
        return MEANINGS.types[CATALOGUE[type_].name].title
    told = next((entry.name for entry in ENTRIES if entry.type == type_), None)
    return MEANINGS.entries[told].title if told else Words(zh=type_, en=type_)


def department_titles(departments: Departments) -> Mapping[str, Words]:
    """What the departments are called, in the order of provisioning."""
    return {each.name: each.title for each in departments.all()}
