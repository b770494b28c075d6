"""What the fields of forms are called where something is wrong with them. Pure."""

from shared.errors_text import Text

FIELDS = {
    "name": Text("Name", "姓名"),
    "value": Text("Number or address", "号码或地址"),
    "identifiers": Text("Identity number", "身份证号"),
    "reach": Text("How to reach her", "联系方式"),
    "avoid": Text("Whom not to contact", "不联系何人"),
    "dating": Text("Last period or due date", "末次月经或预产期"),
    "lmp": Text("First day of the last period", "末次月经第一天"),
    "edd": Text("Due date", "预产期"),
    "counts": Text("Which one counts", "以何为准"),
    "dated_on": Text("Dates", "日期"),
    "consent": Text("Consent", "同意"),
    "version": Text("Consent", "同意"),
    "schedules": Text("Schedules", "保健方案"),
    "on": Text("Day", "日期"),
    "note": Text("Note", "备注"),
    "wrong": Text("What is wrong", "哪里有误"),
    "because": Text("Why it ended", "结束原因"),
    "delivered_on": Text("Day of birth", "分娩日期"),
    "discharged_on": Text("Day of discharge", "出院日期"),
    "born_on": Text("Day of birth", "出生日期"),
    "children": Text("Children", "婴儿"),
    "level": Text("Level", "级别"),
    "facility": Text("Facility", "机构"),
    "asked_for": Text("What is asked for", "请求内容"),
    "guardian": Text("Guardian", "监护人"),
    "guardian/name": Text("Guardian's name", "监护人姓名"),
    "guardian/identifiers": Text("Guardian's identity number", "监护人身份证号"),
}
