"""What departments report and in which fields they contradict each other, in words. Pure.

The exchange has the same titles in its catalogue; services share no code, and a test holds this list to the catalogue.
"""

from collections.abc import Mapping

from services.registry.facts.values import CORRECTION
from services.registry.ui.words_reviews import SEXES
from shared.sharing.words import Words

TYPES: Mapping[str, Words] = {
    "household.registered": Words(zh="户口登记", en="Entered in the household register"),
    "household.cancelled": Words(zh="户口注销", en="Struck out of the household register"),
    "birth.certified": Words(zh="出生医学证明", en="Birth certified"),
    "marriage.registered": Words(zh="结婚登记", en="Marriage registered"),
    "marriage.dissolved": Words(zh="离婚登记", en="Marriage dissolved"),
    "migration.departed": Words(zh="户口迁出", en="Moved out"),
    "migration.arrived": Words(zh="户口迁入", en="Moved in"),
    "residence.registered": Words(zh="居住登记", en="Living elsewhere registered"),
    "residence.ended": Words(zh="居住登记终止", en="Living elsewhere ended"),
    "identity.changed": Words(zh="身份信息依法变更", en="Identity changed by law"),
    "death.certified": Words(zh="死亡证明", en="Death certified"),
    "adoption.registered": Words(zh="收养登记", en="Adoption registered"),
    "dwelling.registered": Words(zh="房屋登记", en="Dwelling registered"),
    "tenancy.registered": Words(zh="租赁登记", en="Tenancy registered"),
    "tenancy.ended": Words(zh="租赁终止", en="Tenancy ended"),
    "enrolment.registered": Words(zh="学籍登记", en="School enrolment registered"),
    "enrolment.ended": Words(zh="学籍终止", en="School enrolment ended"),
    "insurance.enrolled": Words(zh="社会保险参保", en="Insurance begun"),
    "insurance.ended": Words(zh="社会保险终止", en="Insurance ended"),
    "business.registered": Words(zh="个体工商户登记", en="Sole trader registered"),
    "business.closed": Words(zh="个体工商户注销", en="Sole trader closed"),
    "entitlement.granted": Words(zh="待遇核定", en="Entitlement granted"),
    "entitlement.ended": Words(zh="待遇终止", en="Entitlement ended"),
    "payment.made": Words(zh="待遇发放", en="Payment made"),
    CORRECTION: Words(zh="经批准的更正", en="An approved correction"),
}
FIELDS: Mapping[str, Words] = {
    "name": Words(zh="姓名", en="Name"),
    "sex": Words(zh="性别", en="Sex"),
    "birth_date": Words(zh="出生日期", en="Birth date"),
    "identity_number": Words(zh="公民身份号码", en="Resident number"),
    "died_on": Words(zh="死亡日期", en="Date of death"),
    "effective_on": Words(zh="生效日期", en="Day it took effect"),
    "household_number": Words(zh="户号", en="Household number"),
    "registered_area": Words(zh="户籍地", en="Registered in"),
    "from_area": Words(zh="迁出地", en="Departed from"),
    "action": Words(zh="处理方式", en="What was done"),
}
VALUES: Mapping[str, Mapping[str, Words]] = {
    "sex": SEXES,
    "action": {
        "created": Words(zh="首次上报", en="first reported"),
        "corrected": Words(zh="更正", en="corrected"),
        "annulled": Words(zh="撤销", en="annulled"),
    },
}
"""Fields whose values are codes."""
