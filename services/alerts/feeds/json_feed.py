"""A page of announcements as JSON Feed 1.1 (jsonfeed.org): newest first, `next_url` leads to older ones."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.alerts.feeds.reading import Announcement
from services.alerts.worklist.task import Task
from shared.feed.values import Entry
from shared.sharing.words import Words

VERSION = "https://jsonfeed.org/version/1.1"
MEDIA_TYPE = "application/feed+json"

KINDS = {
    "opened": Words(zh="协助办理出生登记", en="Help with birth registration"),
    "moved-here": Words(zh="协助办理出生登记（迁入本机构服务区）", en="Help with birth registration (moved here)"),
    "moved-away": Words(zh="一项任务已转出本机构", en="A task has moved away"),
    "closed": Words(zh="一项任务已结束", en="A task is closed"),
}
DUE = Words(zh="{mother}：请于 {due} 前协助办理。", en="{mother}: please help by {due}.")
OVER = Words(zh="已不在本机构的工作清单上。", en="No longer on this facility's worklist.")


class Item(BaseModel):
    """One announcement. `id` is never used again, not even after a restore."""

    model_config = ConfigDict(serialize_by_alias=True, populate_by_name=True)

    id: str
    url: str
    title: str
    content_text: str
    date_published: str
    tags: list[str]
    tenfold: dict[str, str] = Field(alias="_tenfold")


class JsonFeed(BaseModel):
    """The document."""

    version: str = VERSION
    title: str
    home_page_url: str
    feed_url: str | None = None
    language: str
    next_url: str | None = None
    items: list[Item]


def item(entry: Entry, told: Announcement, task: Task | None, base: str, language: str) -> Item:
    """Shape one entry. Names appear only while the task is on this facility's list."""
    shown = {"kind": told.kind, "help": str(told.help)}
    if told.due_on and told.born_on and told.opened_on:
        shown |= {"born_on": told.born_on, "opened_on": told.opened_on, "due_on": told.due_on}
    here = task is not None and told.due_on is not None
    text = (
        say(DUE, language).format(mother=task.mother_name or "—", due=task.due_on)
        if task and here
        else say(OVER, language)
    )
    return Item(
        id=f"urn:uuid:{entry.entry_id}",
        url=f"{base}/worklist#{told.help}" if here else f"{base}/worklist",
        title=say(KINDS[told.kind], language),
        content_text=text,
        date_published=entry.recorded_at.isoformat(timespec="milliseconds"),
        tags=[told.kind],
        tenfold=shown,
    )


def say(words: Words, language: str) -> str:
    """The text in "zh-CN" or "en"."""
    return words.zh if language == "zh-CN" else words.en


def helps(announcements: list[Announcement]) -> list[UUID]:
    """The contacts these are about."""
    return sorted({told.help for told in announcements})
