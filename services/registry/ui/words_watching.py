"""What the protection officer reads, in words. Pure."""

from collections.abc import Mapping

from shared.sharing.words import Words

RULES: Mapping[str, Words] = {
    "own-record": Words(zh="查询本人", en="own record"),
    "same-household": Words(zh="查询同户人员", en="same household"),
    "same-address": Words(zh="查询同住址人员", en="same address"),
    "colleague": Words(zh="查询同事", en="a colleague"),
    "outside-areas": Words(zh="查询辖区以外人员", en="outside the official's areas"),
    "many-in-an-hour": Words(zh="一小时内查询过多", en="many people in an hour"),
    "many-in-a-day": Words(zh="一日内查询过多", en="many people in a day"),
    "without-case": Words(zh="多次查询未上报过的人员", en="many people nothing was reported on"),
    "same-person-again": Words(zh="反复查询同一人", en="one person again and again"),
    "break-glass": Words(zh="紧急查询", en="the glass was broken"),
}
DECISIONS: Mapping[str, Words] = {
    "seen": Words(zh="已阅", en="seen"),
    "justified": Words(zh="合理", en="justified"),
    "misuse": Words(zh="滥用", en="misuse"),
}
QUESTION_STANDINGS = ("open", "overdue", "answered")
ACTIONS: Mapping[str, Words] = {
    "look-up": Words(zh="查询", en="look-up"),
    "search": Words(zh="检索", en="search"),
    "match": Words(zh="身份比对", en="comparison"),
    "timeline": Words(zh="查看历史记录", en="timeline"),
    "disclosures": Words(zh="查看谁看过", en="who saw them"),
    "feed": Words(zh="数据变更通知", en="entry of a feed"),
    "snapshot": Words(zh="数据快照", en="snapshot"),
    "case": Words(zh="建立个案", en="case"),
    "review": Words(zh="身份复核", en="review"),
    "review-asked": Words(zh="申请身份复核", en="review asked for"),
    "contradiction": Words(zh="核对矛盾", en="contradiction"),
    "half-move": Words(zh="核对迁移", en="half of a move"),
    "break-glass": Words(zh="紧急查询", en="broken glass"),
    "question": Words(zh="处理质询", en="question read"),
    "question-asked": Words(zh="查看对本部门的质询", en="question read by the department"),
    "official": Words(zh="确认查询者身份", en="named as an official"),
    "correction": Words(zh="处理更正申请", en="correction"),
    "correction-asked": Words(zh="申请更正", en="correction asked for"),
    "subject": Words(zh="登录核验", en="checked at log-in"),
    "own-record": Words(zh="查看本人记录", en="own record read"),
    "own-matches": Words(zh="查看本人记录的归属判断", en="own matches read"),
    "own-cases": Words(zh="查看本人个案", en="own cases read"),
    "own-disclosures": Words(zh="查看谁看过本人", en="own log read"),
    "own-correction": Words(zh="本人申请更正", en="own correction asked for"),
    "own-corrections": Words(zh="查看本人的更正申请", en="own corrections read"),
    "own-question": Words(zh="本人提出质询", en="own question asked"),
    "own-questions": Words(zh="查看本人的质询", en="own questions read"),
    "protection": Words(zh="查看住址保密", en="protection looked at"),
}
