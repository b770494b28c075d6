"""The closed list of findings: what each means, for the people who read them. Pure."""

from typing import NamedTuple

from shared.errors_text import Text


class Finding(NamedTuple):
    """Something lost, or two records of the same that differ, and where: never personal data, nor a reference."""

    kind: str
    place: str


ROWS_LOST = "rows-lost"
TALLY_LOST = "tally-lost"
POSITION_LOST = "position-lost"
CURSOR_AHEAD = "cursor-ahead"
NOT_TAKEN = "not-taken"
OUTCOME_LOST = "outcome-lost"
OUTCOME_DIFFERS = "outcome-differs"
FACT_LOST = "fact-lost"
DERIVED_DIFFERS = "derived-differs"
TOLD_DIFFERS = "told-differs"
RECORD_LOST = "record-lost"
AGREEMENT_DIFFERS = "agreement-differs"
INTAKE_LOST = "intake-lost"
INTAKE_GONE = "intake-gone"

MEANINGS: dict[str, Text] = {
    ROWS_LOST: Text(
        "The table has fewer rows than were written and not removed by the service itself.",
        "该表的行数少于已写入且未被服务自行删除的行数。",
    ),
    TALLY_LOST: Text(
        "The table has more rows than its tally counts: the tally lost a row, or rows came past it.",
        "该表的行数多于计数表的记录：计数行丢失，或有数据绕过计数写入。",
    ),
    POSITION_LOST: Text(
        "A position of a feed or of the journal that was given out has no entry.",
        "数据流或日志中已分配的位置没有条目。",
    ),
    CURSOR_AHEAD: Text(
        "A follower stands beyond the head of what it follows, or at another epoch.",
        "跟随方的位置超出数据流末尾或纪元不同。",
    ),
    NOT_TAKEN: Text(
        "The registry passed this accepted event but knows nothing of it.", "登记库已越过该已受理事件，却没有任何记录。"
    ),
    OUTCOME_LOST: Text(
        "The registry settled this event and told so, but the exchange has no outcome.",
        "登记库已处理并通知该事件，但交换平台没有处理结果。",
    ),
    OUTCOME_DIFFERS: Text(
        "The exchange gives this receipt another status than the registry.", "交换平台与登记库对该回执的状态不一致。"
    ),
    FACT_LOST: Text("An applied event no longer has all the facts that it states.", "已生效事件所陈述的事实不完整。"),
    DERIVED_DIFFERS: Text(
        "What is derived of the people of this event is not what their facts give.",
        "该事件所涉人员的派生数据与事实不符。",
    ),
    TOLD_DIFFERS: Text(
        "What a department was told of the person of this case is not what its agreements give.",
        "部门就该案所获信息与协议应给的信息不一致。",
    ),
    AGREEMENT_DIFFERS: Text(
        "The registry was told otherwise of this agreement than the exchange has it.",
        "登记库获知的该协议状态与交换平台不一致。",
    ),
    INTAKE_LOST: Text(
        "A record of an intake topic was taken, and is neither in the journal nor answered on the department's feed.",
        "上报主题的记录已读取，但既不在日志中，也未在部门数据流中答复。",
    ),
    INTAKE_GONE: Text(
        "Records left an intake topic before they were seen to be taken: the department must report them again.",
        "记录在确认读取前已从上报主题消失，须由部门重新上报。",
    ),
    RECORD_LOST: Text(
        "A record that was published to a Kafka topic is missing from it.", "已发布到 Kafka 主题的记录缺失。"
    ),
}
