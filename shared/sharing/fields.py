"""The closed list of what can be disclosed of a person. What is not here cannot be granted (protection rule 6)."""

from collections.abc import Mapping
from typing import Literal, get_args

from shared.sharing.words import Words

FieldName = Literal[
    "name",
    "sex",
    "birth_date",
    "identity_number",
    "registered_area",
    "household_number",
    "relation_to_head",
    "residence",
    "current_area",
    "civil_status",
    "spouse",
    "died_on",
    "mother",
    "father",
]

FIELDS: tuple[FieldName, ...] = get_args(FieldName)

# In the state these are maps {department: that department's own reference}; a receiver is only ever shown its own.
REFERENCE_FIELDS: frozenset[FieldName] = frozenset({"spouse", "mother", "father"})

MEANINGS: Mapping[FieldName, Words] = {
    "name": Words(zh="姓名", en="Full name as registered"),
    "sex": Words(zh="性别", en="Sex as registered (GB/T 2261.1, in words)"),
    "birth_date": Words(zh="出生日期", en="Date of birth"),
    "identity_number": Words(zh="公民身份号码", en="Resident identity number (GB 11643)"),
    "registered_area": Words(zh="户籍所在地区划代码", en="Area code of the household registration"),
    "household_number": Words(zh="户号", en="Number of the registered household"),
    "relation_to_head": Words(zh="与户主关系", en="Relation to the head of the household"),
    "residence": Words(zh="在籍状态", en="Whether the person is resident here or has departed"),
    "current_area": Words(
        zh="居住登记所在地区划代码", en="Area code of where the person lives away from the registered household"
    ),
    "civil_status": Words(zh="婚姻状况", en="Civil status (GB/T 2261.2)"),
    "spouse": Words(zh="配偶", en="The receiver's own reference for the spouse"),
    "died_on": Words(zh="死亡日期", en="Date of death"),
    "mother": Words(zh="母亲", en="The receiver's own reference for the mother"),
    "father": Words(zh="父亲", en="The receiver's own reference for the father"),
}

# How their values are written, all of them as text.
WRITTEN: Mapping[FieldName, Words] = {
    "name": Words(zh="文本", en="text"),
    "sex": Words(zh="unknown、male、female 或 unspecified", en="unknown, male, female or unspecified"),
    "birth_date": Words(zh="YYYY-MM-DD", en="YYYY-MM-DD"),
    "identity_number": Words(zh="18 位", en="18 characters"),
    "registered_area": Words(zh="6 或 12 位数字", en="6 or 12 digits"),
    "household_number": Words(zh="文本", en="text"),
    "relation_to_head": Words(
        zh="head、spouse、child、parent、grandchild、grandparent、sibling 或 other",
        en="head, spouse, child, parent, grandchild, grandparent, sibling or other",
    ),
    "residence": Words(zh="resident（在籍）或 departed（已迁出）", en="resident or departed"),
    "current_area": Words(zh="6 或 12 位数字", en="6 or 12 digits"),
    "civil_status": Words(
        zh="married（已婚）、divorced（离异）、widowed（丧偶）或 unspecified（未说明）",
        en="married, divorced, widowed or unspecified",
    ),
    "spouse": Words(zh="引用", en="a reference"),
    "died_on": Words(zh="YYYY-MM-DD", en="YYYY-MM-DD"),
    "mother": Words(zh="引用", en="a reference"),
    "father": Words(zh="引用", en="a reference"),
}
