"""A person's own record and its use, in words for everybody. Pure; an unknown code is shown as it is."""

from collections.abc import Mapping

from shared.sharing import purposes
from shared.sharing.words import Words

VALUES: Mapping[str, Mapping[str, Words]] = {
    "sex": {
        "male": Words(zh="男", en="male"),
        "female": Words(zh="女", en="female"),
        "unknown": Words(zh="未知", en="unknown"),
        "unspecified": Words(zh="未说明", en="unspecified"),
    },
    "relation_to_head": {
        "head": Words(zh="户主", en="head of the household"),
        "spouse": Words(zh="配偶", en="spouse"),
        "child": Words(zh="子女", en="child"),
        "parent": Words(zh="父母", en="parent"),
        "grandchild": Words(zh="孙子女、外孙子女", en="grandchild"),
        "grandparent": Words(zh="祖父母、外祖父母", en="grandparent"),
        "sibling": Words(zh="兄弟姐妹", en="sibling"),
        "other": Words(zh="其他", en="other"),
    },
    "residence": {
        "resident": Words(zh="在籍", en="registered here"),
        "departed": Words(zh="已迁出", en="departed"),
    },
    "civil_status": {
        "married": Words(zh="已婚", en="married"),
        "divorced": Words(zh="离异", en="divorced"),
        "widowed": Words(zh="丧偶", en="widowed"),
    },
    **{name: {"recorded": Words(zh="已登记", en="recorded")} for name in ("spouse", "mother", "father")},
}
"""Field → what its codes mean."""

DAYS = frozenset({"birth_date", "died_on"})
AREAS = frozenset({"registered_area", "current_area"})
IDENTIFIERS: Mapping[str, Words] = {
    "resident-identity-number": Words(zh="公民身份号码", en="Resident identity number"),
    "birth-certificate-number": Words(zh="出生医学证明编号", en="Number of the birth certificate"),
    "passport": Words(zh="护照", en="Passport"),
}
GROUNDS: Mapping[str, Words] = {
    "violence": Words(zh="防止家庭暴力", en="protection from violence"),
    "witness": Words(zh="证人保护", en="protection as a witness"),
}
"""Grounds of a protection, as the person reads them; of an adoption nothing is said (protection rule 12)."""
FIELD_TITLES: Mapping[str, Words] = {
    "name": Words(zh="姓名", en="name"),
    "sex": Words(zh="性别", en="sex"),
    "birth_date": Words(zh="出生日期", en="date of birth"),
    "identity_number": Words(zh="公民身份号码", en="identity number"),
    "registered_area": Words(zh="户籍所在地", en="where registered"),
    "household_number": Words(zh="户号", en="household number"),
    "relation_to_head": Words(zh="与户主关系", en="relation to the head"),
    "residence": Words(zh="在籍状态", en="whether registered here"),
    "current_area": Words(zh="现居住地", en="where you live"),
    "civil_status": Words(zh="婚姻状况", en="civil status"),
    "spouse": Words(zh="配偶", en="reference of the spouse"),
    "died_on": Words(zh="死亡日期", en="date of death"),
    "mother": Words(zh="母亲", en="reference of the mother"),
    "father": Words(zh="父亲", en="reference of the father"),
    "identifiers": Words(zh="其他证件号码", en="other numbers"),
    "records": Words(zh="各部门的报送记录", en="the records that departments reported"),
    "move_permit": Words(zh="迁移证编号", en="number of the move permit"),
    "move_area": Words(zh="迁移地区", en="area of the move"),
    "move_date": Words(zh="迁移日期", en="day of the move"),
}
ACTIONS: Mapping[str, Words] = {
    "look-up": Words(zh="查询", en="looked you up"),
    "search": Words(zh="检索", en="found you in a search"),
    "match": Words(zh="身份比对", en="compared somebody with you"),
    "timeline": Words(zh="查看历史记录", en="read your history"),
    "disclosures": Words(zh="查看本部门的查询记录", en="read who of their own saw you"),
    "feed": Words(zh="数据变更通知", en="was told what changed"),
    "case": Words(zh="建立个案", en="opened a case"),
    "review": Words(zh="身份复核", en="reviewed who is who"),
    "review-asked": Words(zh="申请身份复核", en="asked for a review of who is who"),
    "contradiction": Words(zh="核对矛盾", en="looked at what contradicts"),
    "half-move": Words(zh="核对迁移", en="looked at a move that is not complete"),
    "break-glass": Words(zh="紧急查询", en="broke the glass in an emergency"),
    "question": Words(zh="处理您的质询", en="read your question"),
    "question-asked": Words(zh="查看对本部门的质询", en="read that one of its accesses was questioned"),
    "official": Words(zh="确认查询者身份", en="looked up who made an access"),
    "subject": Words(zh="登录核验", en="checked who you are when you logged in"),
    "own-record": Words(zh="查看本人记录", en="read your own record"),
    "own-matches": Words(zh="查看本人记录的归属判断", en="read how records became yours"),
    "own-cases": Words(zh="查看本人个案", en="read your own cases"),
    "own-disclosures": Words(zh="查看谁查询过本人", en="read who saw you"),
    "own-correction": Words(zh="申请更正", en="asked for a correction"),
    "own-corrections": Words(zh="查看本人的更正申请", en="read your own corrections"),
    "correction-asked": Words(zh="申请更正您的信息", en="asked for a correction of your data"),
    "correction": Words(zh="处理更正申请", en="dealt with a correction"),
    "own-question": Words(zh="提出质询", en="questioned an access"),
    "own-questions": Words(zh="查看本人的质询", en="read your own questions"),
}
PURPOSES = purposes.PURPOSES | {"own-data": Words(zh="本人数据", en="your own data")}
SERVICES: Mapping[str, Words] = {
    "exchange": Words(zh="数据交换平台", en="the exchange"),
    "registry": Words(zh="人口登记库", en="the registry"),
    "alerts": Words(zh="健康服务平台", en="the health service"),
    "identity-provider": Words(zh="统一身份认证", en="the log-in service"),
}
OFFICES: Mapping[str, Words] = {
    "protection-officer": Words(zh="数据保护专员", en="Office of the protection officer"),
    "identity-review": Words(zh="身份登记职责", en="Duty of the authority that registers identity"),
    "household-registration": Words(zh="户籍登记职责", en="Duty of the authority that registers households"),
    "registering-authority": Words(zh="该信息的登记机关", en="Duty of the authority that registers this field"),
    "misuse": Words(zh="防止滥用", en="Watching over misuse"),
    "questioned-access": Words(zh="答复质询的职责", en="Duty to answer for its own accesses"),
    "own-request": Words(zh="本部门提出的更正申请", en="A correction that it asked for itself"),
}
CATEGORIES: Mapping[str, Words] = {
    "danger-to-life": Words(zh="生命危险", en="danger to life"),
    "person-found": Words(zh="发现需要救助的人", en="a person was found"),
    "disaster": Words(zh="灾害", en="disaster"),
    "urgent-service": Words(zh="紧急服务", en="urgent service"),
}
CASE_ENDS: Mapping[str, Words] = {
    "closed": Words(zh="由部门关闭", en="closed by the department"),
    "until": Words(zh="期限已到", en="its last day is over"),
    "agreement-ended": Words(zh="共享协议已终止", en="the agreement has ended"),
}
STANDINGS: Mapping[str, Words] = {
    "open": Words(zh="待答复", en="waiting for an answer"),
    "overdue": Words(zh="逾期未答复", en="overdue"),
    "answered": Words(zh="已答复", en="answered"),
    "approved": Words(zh="已更正", en="corrected"),
    "settled": Words(zh="登记机关已更正", en="corrected by the authority's own report"),
    "permitted": Words(zh="已许可更正", en="permitted to be corrected"),
    "refused": Words(zh="未予更正", en="refused"),
    "withdrawn": Words(zh="已撤回", en="withdrawn"),
    "annulled": Words(zh="更正已撤销", en="taken back"),
}
