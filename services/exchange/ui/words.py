"""The exchange's codes in words, for people who read pages. Pure; an unknown code is shown as it is."""

from collections.abc import Mapping

from services.exchange.contract.meanings import MEANINGS
from shared.contracts.catalogue import CATALOGUE, full_type
from shared.contracts.entries import ENTRIES
from shared.sharing.departments import Departments
from shared.sharing.purposes import PURPOSES as PURPOSES
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
        zh="无法确定指的是谁，由登记库审核员判定", en="it is unclear who is meant: a registry clerk decides"
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
STANDINGS: Mapping[str, Words] = {
    "proposed": Words(zh="待批准", en="proposed"),
    "approved": Words(zh="已批准，尚未生效", en="approved, begins later"),
    "in-force": Words(zh="生效中", en="in force"),
    "suspended": Words(zh="已中止", en="suspended"),
    "ended": Words(zh="已终止", en="ended"),
    "expired": Words(zh="已到期", en="expired"),
    "replaced": Words(zh="已被新版本取代", en="replaced by a newer version"),
    "refused": Words(zh="已拒绝", en="refused"),
    "withdrawn": Words(zh="已撤回", en="withdrawn"),
}
SCOPES: Mapping[str, Words] = {
    "own_people": Words(zh="仅限有个案的人员", en="only people on whom there is a case"),
    "everyone": Words(zh="户籍登记在册的全部人员", en="everyone in the household register"),
}
CASES: Mapping[str, Words] = {
    "asked": Words(zh="申请中", en="asked for"),
    "open": Words(zh="开放", en="open"),
    "not-found": Words(zh="未找到", en="not found"),
    "ended": Words(zh="已结束", en="ended"),
}
CASE_REASONS: Mapping[str, Words] = {
    "nothing-reported": Words(zh="本部门的上报均已撤销或更正", en="all that was reported was taken back"),
    "merged": Words(zh="与另一标识合并", en="it goes on under another reference"),
    "closed": Words(zh="由本部门关闭", en="closed by this department"),
    "expired": Words(zh="期限已到", en="its last day is over"),
}
OPENED_BY: Mapping[str, Words] = {
    "reporting": Words(zh="上报事件", en="reporting"),
    "call": Words(zh="申请", en="a call"),
}


def in_words(known: Mapping[str, Words], code: str | None) -> Words | None:
    """What a code means; the code itself where nobody has described it, None where there is none."""
    return None if not code else known.get(code) or Words(zh=code, en=code)


def type_title(type_: str) -> Words:
    """What an event type, or a type of entry, is called; by its full name or the short one."""
    if (known := CATALOGUE.get(full_type(type_))) is not None:
        return MEANINGS.types[known.name].title
    told = next((entry.name for entry in ENTRIES if type_ in (entry.type, entry.name)), None)
    return MEANINGS.entries[told].title if told else Words(zh=type_, en=type_)


def department_titles(departments: Departments) -> Mapping[str, Words]:
    """What the departments are called, in the order of provisioning."""
    return {each.name: each.title for each in departments.all()}
