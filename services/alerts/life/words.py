"""What a worker reads of the registry's words in the care record, and nobody reads anywhere else."""

from typing import Final

from services.alerts.life.rules import Finding
from shared.sharing.words import Words

FINDINGS: Final = {
    Finding.DEATH: Words(
        zh="登记了死亡，提醒已停止。联系家属之前请先了解情况，并表示慰问。",
        en="A death was registered, and reminders have stopped. Before any contact with the family find out what "
        "happened, and offer your condolences.",
    ),
    Finding.DEATH_TAKEN_BACK: Words(
        zh="曾登记死亡，后已撤销。提醒不会自行恢复：请先与本人确认。",
        en="A death was registered and taken back. Reminders do not begin again by themselves: see the person first.",
    ),
    Finding.NOTHING_REPORTED: Words(
        zh="此人的登记记录已全部撤销（如出生登记被撤销）。请确认是否仍为本人服务。",
        en="Nothing that was reported of this person counts any more, as where a birth was annulled. Make sure whom "
        "this is about.",
    ),
    Finding.PARTED: Words(
        zh="登记中曾合并的两人已分开，关联不再确定。请核对本记录属于何人。",
        en="Two people who had been taken for one were told apart, and the link is not certain any more. Check whose "
        "record this is.",
    ),
    Finding.GUARDIAN_DEATH: Words(
        zh="登记了监护人死亡。联系家庭之前请先了解情况，并确认由谁代为同意。",
        en="The death of the guardian was registered. Before any contact with the family find out what happened, and "
        "who agrees for the child now.",
    ),
    Finding.CHILD_DEATH: Words(
        zh="登记了子女死亡。联系之前请先了解情况，并表示慰问。",
        en="The death of a child was registered. Before any contact find out what happened, and offer your "
        "condolences.",
    ),
    Finding.TWICE: Words(
        zh="同一人在本机构有两份同类服务记录。请核对，并结束其中一份。",
        en="The same person has two records of this care here. Compare them, and end one.",
    ),
}
