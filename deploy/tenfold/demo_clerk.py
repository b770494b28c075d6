"""The registry's clerk in the demo: of the reports that are held because nobody can tell whose they are, those that
describe the one candidate word by word are linked; whatever differs goes on waiting."""

from typing import Any

from deploy.tenfold.demo_reach import again
from shared.client import Client

PAGE = 100


async def at_the_desk(client: Client) -> int:
    """Look through the desk once, as public security's clerk for identity reviews. Returns how many were linked."""
    waiting: list[str] = []
    after: str | None = None
    while True:
        more = {"after": after} if after else {}
        page = await again(client.get, "/v1/reviews", kind="ambiguous-identity", limit=PAGE, **more)
        waiting += (each["review"] for each in page["reviews"])
        after = page["next_after"]
        if after is None:
            break
    linked = 0
    for review in waiting:
        shown = await again(client.get, f"/v1/reviews/{review}")
        to = the_same(shown)
        if to:
            body = {"decision": "link", "to": to, "reason": "name and birth date agree", "version": shown["version"]}
            await again(client.post, f"/v1/reviews/{review}/decision", body)
            linked += 1
    return linked


def the_same(shown: dict[str, Any]) -> dict[str, str]:
    """The record in question → the one candidate, where name and birth date are the same; empty where not."""
    if len(shown["questions"]) != 1 or len(shown["candidates"]) != 1:
        return {}
    (question,), (candidate,) = shown["questions"], shown["candidates"]
    record = question["record"]
    alike = all(record[field] == candidate[field] for field in ("name", "birth_date"))
    return {question["about"]: candidate["reference"]} if alike else {}
