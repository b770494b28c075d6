"""A page of announcements as JSON Feed 1.1 (jsonfeed.org): newest first, `next_url` leads to older ones."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.alerts.feeds.announced import DIGEST, Announcement
from services.alerts.worklist.task import Task
from shared.feed.values import Entry
from shared.sharing.words import Words

VERSION = "https://jsonfeed.org/version/1.1"
MEDIA_TYPE = "application/feed+json"

HELP_KINDS: Final = {
    "opened": Words(zh="协助办理出生登记", en="Help with birth registration"),
    "moved-here": Words(zh="协助办理出生登记（迁入本机构服务区）", en="Help with birth registration (moved here)"),
    "moved-away": Words(zh="一项任务已转出本机构", en="A task has moved away"),
    "closed": Words(zh="一项任务已结束", en="A task is closed"),
}
CARE_KINDS: Final = {
    "opened": Words(zh="一次服务联系已到时间", en="A care contact has come due"),
    "overdue": Words(zh="一次服务联系已逾期", en="A care contact is overdue"),
    "missed": Words(zh="一次服务联系已错过", en="A care contact was missed"),
    "moved-here": Words(zh="一次服务联系已转入本机构", en="A care contact has moved here"),
    "moved-away": Words(zh="一次服务联系已转出本机构", en="A care contact has moved away"),
    "closed": Words(zh="一次服务联系已结束", en="A care contact is closed"),
}
CONSENT_KINDS: Final = {
    "consent-ends-soon": Words(zh="一份同意将于30天内到期", en="A consent ends within 30 days"),
    "consent-ends-today": Words(zh="一份同意今日到期", en="A consent ends today"),
}
CHANGED: Final = Words(zh="工作清单有变化", en="The worklist has changed")
OF_DAY: Final = Words(zh="{day} 的任务数量", en="Tasks on {day}")
DUE = Words(zh="{mother}：请于 {due} 前协助办理。", en="{mother}: please help by {due}.")
CONTACT_DUE: Final = Words(zh="{name}：请于 {due} 前联系。", en="{name}: please see her by {due}.")
ENDS_ON: Final = Words(zh="同意有效至 {day}。请在此之前再次征求。", en="It holds until {day}. Ask again before then.")
OVER = Words(zh="已不在本机构的工作清单上。", en="No longer on this facility's worklist.")
COUNTS: Final = Words(
    zh="今日 {today} 项，逾期 {overdue} 项，两周内 {soon} 项。请登录工作清单查看。",
    en="Today {today}, overdue {overdue}, within two weeks {soon}. Sign in to the worklist to see them.",
)
SHOWN: Final = (
    "on",
    "born_on",
    "opened_on",
    "opens_on",
    "due_on",
    "closes_on",
    "ends_on",
    "today",
    "overdue",
    "soon",
)


class Item(BaseModel):
    """One announcement. `id` is never used again, not even after a restore."""

    model_config = ConfigDict(serialize_by_alias=True, populate_by_name=True)

    id: str
    url: str
    title: str
    content_text: str
    date_published: str
    tags: list[str]
    tenfold: dict[str, str | int] = Field(alias="_tenfold")


class JsonFeed(BaseModel):
    """The document. One that is read at a secret address has no `feed_url`: it would be written down in it."""

    version: str = VERSION
    title: str
    home_page_url: str
    feed_url: str | None = None
    language: str
    next_url: str | None = None
    items: list[Item]


def item(
    entry: Entry,
    told: Announcement,
    tasks: Mapping[UUID, Task],
    people: Mapping[UUID, str | None],
    base: str,
    lang: str,
) -> Item:
    """Shape one entry. Names appear only while the task is on this facility's list: help among `tasks`, the people of
    care contacts among `people`, by contact."""
    shown: dict[str, str | int] = {"kind": told.kind}
    shown |= {name: str(about) for name in ("help", "contact", "episode") if (about := getattr(told, name))}
    shown |= {name: value for name in SHOWN if (value := getattr(told, name)) is not None}
    text, task = content(told, tasks, people, lang)
    place = f"/worklist/{task}" if task else f"/episodes/{told.episode}" if told.episode else "/worklist"
    return Item(
        id=f"urn:uuid:{entry.entry_id}",
        url=base + place,
        title=title(told, lang),
        content_text=text,
        date_published=entry.recorded_at.isoformat(timespec="milliseconds"),
        tags=[told.kind],
        tenfold=shown,
    )


def title(told: Announcement, language: str) -> str:
    """What it is about, without any name."""
    if told.kind == DIGEST:
        return say(OF_DAY, language).format(day=told.on)
    kinds = HELP_KINDS if told.help else CARE_KINDS | CONSENT_KINDS
    return say(kinds.get(told.kind, CHANGED), language)


def content(
    told: Announcement, tasks: Mapping[UUID, Task], people: Mapping[UUID, str | None], language: str
) -> tuple[str, UUID | None]:
    """The text, and the task whose page shows it."""
    if told.kind == DIGEST:
        return counted(told.today or 0, told.overdue or 0, told.soon or 0, language), None
    if told.episode and told.ends_on:
        return say(ENDS_ON, language).format(day=told.ends_on), None
    if told.due_on and told.help and (task := tasks.get(told.help)):
        return say(DUE, language).format(mother=task.mother_name or "—", due=task.due_on), told.help
    if told.due_on and told.contact and told.contact in people:
        name = people[told.contact] or "—"
        return say(CONTACT_DUE, language).format(name=name, due=told.due_on), told.contact
    return say(OVER, language), None


def counted(today: int, overdue: int, soon: int, language: str) -> str:
    """A sentence of counts."""
    return say(COUNTS, language).format(today=today, overdue=overdue, soon=soon)


def say(words: Words, language: str) -> str:
    """The text in "zh-CN" or "en"."""
    return words.zh if language == "zh-CN" else words.en
