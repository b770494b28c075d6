"""She questions an access to her record: her own entries alone, once each; supervisors answer, and see no woman."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from services.alerts.facilities.duty import Facilities, Facility
from services.alerts.questions import repository
from services.alerts.questions.handlers import answering
from shared.auth.caller import Caller
from tests.alerts_world import COUNTY, DONGMING, LIUQUAN
from tests.care_world import CareWorld, Json, enrolment

pytest_plugins = ["tests.alerts"]
SUPERVISOR: dict[str, Any] = {"roles": ["supervisor"], "subject": "head"}
WHY = "为什么看我的记录？"
BECAUSE = "值班护士核对预约。"


async def hers(cared: CareWorld, episode: str, path: str, body: Json | None = None) -> httpx.Response:
    """What she asks for, by a token for her own page."""
    token = cared.world.issuer.issue(subject=f"own:{episode}", roles=["citizen"], purpose="own-data")
    headers = {"authorization": f"Bearer {token}"}
    return await cared.world.http.request("POST" if body else "GET", f"/v1/me/{path}", json=body, headers=headers)


async def entry(cared: CareWorld, episode: str, action: str = "read your record") -> Json:
    """The newest entry of her log about this."""
    looks = (await hers(cared, episode, "episode/disclosures?limit=200")).json()["looks"]
    return next(each for each in looks if each["action"]["en"] == action)


async def asked(cared: CareWorld, episode: str, text: str = WHY) -> Json:
    """A nurse reads her record, and she questions it."""
    await cared.read(episode)
    about = await entry(cared, episode)
    answer = await hers(cared, episode, "questions", {"entry": about["entry"], "text": text})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def waiting(cared: CareWorld, **claims: Any) -> list[Json]:
    """What supervisors of a facility read."""
    answer = await cared.call("GET", "/v1/questions", **SUPERVISOR | claims)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["questions"]
    return found


async def test_supervisors_read_the_access_and_her_words_and_answer_once(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    made = await asked(cared, episode)
    assert (made["state"], made["overdue"], made["answer"]) == ("open", False, None)
    assert made["due_on"] == (cared.today + timedelta(days=14)).isoformat()
    (shown,) = await waiting(cared)
    assert (shown["text"], shown["about"]["by"], shown["about"]["on"]) == (WHY, "nurse", made["about"]["on"])
    assert {"zh": "姓名", "en": "name"} in shown["about"]["fields"]
    assert set(shown) == {"question", "about", "text", "asked_on", "due_on", "overdue"}
    assert not any(each in str(shown) for each in ("王秀英", "13800000001", "婆婆", episode, made["entry"]))
    path = f"/v1/questions/{made['question']}/answer"
    codes = [(await cared.call("POST", path, {"text": BECAUSE}, **SUPERVISOR)).status_code for _ in range(2)]
    assert codes == [204, 409]
    assert await waiting(cared) == []
    (told,) = (await hers(cared, episode, "questions")).json()["questions"]
    assert (told["state"], told["answer"], told["text"]) == ("answered", BECAUSE, WHY)
    assert (await hers(cared, episode, "episode/copy")).json()["questions"] == [told]
    for action in ("read your question, without your name", "answered your question"):
        assert (await entry(cared, episode, action))["by"] == "head"


async def test_who_may_ask_and_answer(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    made = await asked(cared, episode)
    path, body = f"/v1/questions/{made['question']}/answer", {"text": BECAUSE}
    assert (await cared.call("GET", "/v1/questions")).status_code == 403
    assert (await cared.call("POST", path, body)).status_code == 403
    assert (await cared.call("POST", path, body, facility=DONGMING, **SUPERVISOR)).status_code == 404
    assert await waiting(cared, facility=DONGMING) == []
    ask = {"entry": made["entry"], "text": WHY}
    assert (await cared.call("POST", "/v1/me/questions", ask)).status_code == 403
    assert (await cared.world.http.get("/v1/me/questions")).status_code == 401


async def test_only_entries_of_her_own_log_and_each_once(cared: CareWorld) -> None:
    first, other = await cared.enrolled(), await cared.enrolled(enrolment(cared.lmp))
    made = await asked(cared, first)
    again = await hers(cared, first, "questions", {"entry": made["entry"], "text": "又问"})
    assert (again.status_code, again.json()) == (201, made)
    answers = [
        await hers(cared, other, "questions", {"entry": foreign, "text": WHY})
        for foreign in (made["entry"], "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    ]
    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert (await hers(cared, other, "questions")).json()["questions"] == []
    assert (await entry(cared, first))["questioned"] is True
    assert (await entry(cared, other, "enrolled you"))["questioned"] is False


async def test_twenty_are_open_at_most_and_an_answer_makes_room(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    made = [await asked(cared, episode) for _ in range(20)]
    await cared.read(episode)
    one_more = {"entry": (await entry(cared, episode))["entry"], "text": WHY}
    assert (await hers(cared, episode, "questions", one_more)).status_code == 409
    path = f"/v1/questions/{made[7]['question']}/answer"
    assert (await cared.call("POST", path, {"text": BECAUSE}, **SUPERVISOR)).status_code == 204
    assert (await hers(cared, episode, "questions", one_more)).status_code == 201


async def test_a_question_is_overdue_the_day_after_it_was_due_and_supervisors_see_how_many(cared: CareWorld) -> None:
    episode, begun = await cared.enrolled(), cared.today
    await asked(cared, episode)
    for days, late in ((14, 0), (15, 1)):
        cared.world.today = begun + timedelta(days=days)
        counts = (await cared.call("GET", "/v1/supervision", **SUPERVISOR)).json()
        assert (counts["questions"], counts["questions_overdue"]) == (1, late)
        assert [each["overdue"] for each in await waiting(cared)] == [bool(late)]
        (told,) = (await hers(cared, episode, "questions")).json()["questions"]
        assert told["overdue"] is bool(late)


async def test_words_are_sealed_under_the_episodes_key_and_go_with_it(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    made = await asked(cared, episode)
    path, body = f"/v1/questions/{made['question']}/answer", {"text": BECAUSE}
    assert (await cared.call("POST", path, body, **SUPERVISOR)).status_code == 204
    row = await cared.care.pool.fetchrow("SELECT * FROM access_question")
    assert row is not None
    assert not any(text.encode() in bytes(row[name]) for text in (WHY, BECAUSE) for name in ("sealed", "answer"))
    opened = cared.care.vault.unseal(UUID(episode), row["sealed"], f"question:{made['question']}")
    assert opened.decode() == WHY
    open_still = await asked(cared, episode)
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    assert await cared.care.pool.fetchval("SELECT count(*) FROM access_question") == 0
    assert await waiting(cared) == []
    gone = f"/v1/questions/{open_still['question']}/answer"
    assert (await cared.call("POST", gone, body, **SUPERVISOR)).status_code == 404
    assert (await hers(cared, episode, "questions")).status_code == 404


async def test_nobody_answers_what_is_asked_about_themselves(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    path, body = f"/v1/questions/{(await asked(cared, episode))['question']}/answer", {"text": BECAUSE}
    herself = SUPERVISOR | {"subject": "nurse"}
    assert await waiting(cared, subject="nurse") == []
    assert (await cared.call("GET", "/v1/supervision", **herself)).json()["questions"] == 0
    assert (await cared.call("POST", path, body, **herself)).status_code == 404
    assert len(await waiting(cared)) == 1
    assert (await cared.call("POST", path, body, **SUPERVISOR)).status_code == 204
    assert (await cared.call("POST", path, body, **herself)).status_code == 404, "answered, it is the same to them"


async def test_where_there_is_no_other_supervisor_those_of_the_county_answer(cared: CareWorld) -> None:
    await cared.world.listed(("nurse", "supervisor"), ("nurse", "care-worker"))
    await cared.world.listed(("head", "supervisor"), facility=COUNTY)
    await cared.world.listed(("head", "supervisor"), facility=DONGMING)
    episode = await cared.enrolled()
    made = await asked(cared, episode)
    path, body = f"/v1/questions/{made['question']}/answer", {"text": BECAUSE}
    assert await waiting(cared, facility=DONGMING) == []
    assert (await cared.call("POST", path, body, facility=DONGMING, **SUPERVISOR)).status_code == 404
    (shown,) = await waiting(cared, facility=COUNTY)
    assert set(shown) == {"question", "about", "text", "asked_on", "due_on", "overdue"}
    assert not any(each in str(shown) for each in ("王秀英", "13800000001", episode, made["entry"]))
    counts = (await cared.call("GET", "/v1/supervision", facility=COUNTY, **SUPERVISOR)).json()
    assert counts["questions"] == 1
    await cared.world.listed(("second", "supervisor"))
    assert await waiting(cared, facility=COUNTY) == [], "whoever is listed here meanwhile answers"
    assert len(await waiting(cared, subject="second")) == 1
    await cared.care.pool.execute("UPDATE staff_member SET valid_until = valid_from WHERE subject = 'second'")
    cared.world.today += timedelta(days=1)
    codes = [(await cared.call("POST", path, body, facility=COUNTY, **SUPERVISOR)).status_code for _ in range(2)]
    assert codes == [204, 409]
    (told,) = (await hers(cared, episode, "questions")).json()["questions"]
    assert (told["answer"], told["facility"]["zh"]) == (BECAUSE, cared.world.alerts.facilities.get(COUNTY).zh)  # type: ignore[union-attr]


async def test_those_of_another_county_are_never_asked(cared: CareWorld) -> None:
    await cared.world.listed(("nurse", "supervisor"), ("nurse", "care-worker"))
    await asked(cared, await cared.enrolled())
    served = {LIUQUAN: "370102901", COUNTY: "370102", "ELSEWHERE": "440305"}
    two = Facilities([Facility.model_validate({"code": c, "zh": c, "en": c, "serves": [p]}) for c, p in served.items()])
    alerts = replace(cared.world.alerts, facilities=two)
    counts = {}
    for facility in served:
        who = answering(alerts, Caller("head", roles=frozenset({"supervisor"}), purpose="care", facility=facility))
        async with cared.care.pool.acquire() as connection:
            counts[facility] = len(await repository.waiting(connection, who))
    assert counts == {LIUQUAN: 1, COUNTY: 1, "ELSEWHERE": 0}
