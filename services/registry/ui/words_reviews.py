"""The codes of reviews in words. Pure."""

from collections.abc import Mapping

from shared.sharing.words import Words

KINDS: Mapping[str, Words] = {
    "ambiguous-identity": Words(zh="身份不明", en="Unclear who is meant"),
    "would-part": Words(zh="可能分为多人", en="Somebody would fall apart"),
    "possible-match": Words(zh="疑似同一人", en="Perhaps one person"),
    "merge-questioned": Words(zh="合并存疑", en="A merge in question"),
    "records-after-merge": Words(zh="撤销合并后的记录归属", en="Records after a merge was undone"),
    "split-asked": Words(zh="申请拆分", en="A split is asked for"),
    "supersedes-another-kind": Words(zh="取代了不同类型的事件", en="It corrects an event of another kind"),
}
QUESTIONS: Mapping[str, Words] = {
    "ambiguous-identity": Words(zh="这条记录是谁的？", en="Whose record is this?"),
    "would-part": Words(
        zh="更正之后，此人的记录不再相连。仍是同一人吗？",
        en="After the correction nothing holds this person's records together. Is it still one person?",
    ),
    "possible-match": Words(zh="这两人是同一人吗？", en="Are these two one person?"),
    "merge-questioned": Words(zh="当初的合并正确吗？", en="Was this merge right?"),
    "records-after-merge": Words(
        zh="合并期间新增的记录分别属于谁？", en="Whose are the records that came while the two were one?"
    ),
    "split-asked": Words(
        zh="这些记录属于两个人吗？哪些属于另一人？", en="Are these two people's records? Which are somebody else's?"
    ),
    "supersedes-another-kind": Words(
        zh="这条上报更正了另一类型或另一部门的事件，不能按原样生效。是否退回？",
        en="This report corrects an event of another type or department, and cannot be applied as it is. Reject it?",
    ),
}
STANDINGS: Mapping[str, Words] = {
    "open": Words(zh="待处理", en="open"),
    "decided": Words(zh="已决定", en="decided"),
    "lapsed": Words(zh="已失效", en="lapsed"),
}
REASONS: Mapping[str, Words] = {
    "two-numbers": Words(zh="会使一人有两个公民身份号码", en="one person would have two resident numbers"),
    "shared-number": Words(
        zh="号码相同，但姓名和出生日期不同，或出生年份相差一代",
        en="the number is the same, but neither the name nor the birth date, or the births are a generation apart",
    ),
    "two-roles": Words(zh="同一事件中的两个角色会是同一人", en="two roles of one event would be one person"),
    "decided-apart": Words(zh="此前已决定这些记录属于两人", en="these records were decided to be two people's"),
    "contested-number": Words(
        zh="号码已知为两人所用，而描述与两人均不符",
        en="the number is known to be two people's, and the description is neither's",
    ),
    "attached-after-merge": Words(zh="合并之后新增", en="it came after the merge"),
}
FIELDS: Mapping[str, Words] = {
    "name": Words(zh="姓名", en="Name"),
    "sex": Words(zh="性别", en="Sex"),
    "birth_date": Words(zh="出生日期", en="Birth date"),
    "identity_number": Words(zh="公民身份号码", en="Resident number"),
    "identifiers": Words(zh="其他证件", en="Other identifiers"),
    "registered_area": Words(zh="户籍地", en="Registered in"),
    "died_on": Words(zh="死亡日期", en="Died on"),
    "numbers": Words(zh="证件号码", en="Identifiers"),
    "mother": Words(zh="母亲姓名", en="Mother's name"),
    "father": Words(zh="父亲姓名", en="Father's name"),
    "area": Words(zh="地区", en="Area"),
}
SEXES: Mapping[str, Words] = {
    "male": Words(zh="男", en="male"),
    "female": Words(zh="女", en="female"),
    "unknown": Words(zh="未知", en="unknown"),
    "unspecified": Words(zh="未说明", en="unspecified"),
}
IDENTIFIERS: Mapping[str, Words] = {
    "resident-identity-number": Words(zh="公民身份号码", en="Resident number"),
    "birth-certificate-number": Words(zh="出生医学证明", en="Birth certificate"),
    "passport": Words(zh="护照", en="Passport"),
}
LEVELS: Mapping[str, Words] = {
    "exact": Words(zh="完全相同", en="exactly the same"),
    "same": Words(zh="相同", en="the same"),
    "variant": Words(zh="同一姓名的另一写法", en="another way to write the same name"),
    "similar": Words(zh="相近", en="similar"),
    "part": Words(zh="部分相同", en="the same in part"),
    "different": Words(zh="不同", en="different"),
    "january": Words(
        zh="相同，但为1月1日（多为日期不详）", en="the same, but 1 January, as written for an unknown day"
    ),
    "year": Words(zh="仅年份相同", en="only the year is the same"),
    "swapped": Words(zh="月日颠倒", en="day and month are swapped"),
    "near": Words(zh="仅差一处", en="one place differs"),
    "community": Words(zh="同一社区", en="the same community"),
    "township": Words(zh="同一乡镇街道", en="the same township"),
    "county": Words(zh="同一区县", en="the same county"),
}
RULES: Mapping[str, Words] = {
    "shared-number": Words(
        zh="号码相同而人不同：号码可能重号或抄错", en="One number, other people: it may be given out twice or miscopied"
    ),
    "twins": Words(zh="可能是双胞胎：除名字外均相同", en="Perhaps twins: alike in everything but the given name"),
    "neighbours": Words(
        zh="同名同生日的人并不少见，且没有相同的号码",
        en="Name and birthday agree by chance in every city, and no number agrees",
    ),
    "weak-birth-date": Words(zh="1月1日的出生日期不足为凭", en="A birth date of 1 January proves nothing"),
    "near-number": Words(
        zh="号码差一位：证件号码多为连号，或其余并非全部一致",
        en="The number differs in one place: papers are issued in series, or not all else agrees",
    ),
    "two-numbers": Words(zh="各有一个公民身份号码", en="Each has a number that nobody has two of"),
    "other-name": Words(zh="姓名不同", en="The name is another"),
    "other-sex": Words(zh="性别不同", en="The sex is another"),
    "other-birth-date": Words(zh="出生日期不同", en="The birth date is another"),
}
DECISIONS: Mapping[str, Words] = {
    "link": Words(zh="归属已定", en="linked"),
    "separate": Words(zh="分属不同的人", en="kept apart"),
    "merge": Words(zh="合并为一人", en="merged"),
    "split": Words(zh="拆分", en="split"),
    "undo": Words(zh="撤销合并", en="merge undone"),
    "reject": Words(zh="退回", en="rejected"),
}
