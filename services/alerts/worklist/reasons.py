"""Why something stands on a worklist, and which rule says so, in both languages. Pure."""

from shared.sharing.words import Words

BIRTH_REGISTRATION = Words(
    zh="母亲在签发出生医学证明时请求协助办理出生登记；截至今日，尚无该婴儿的户口登记信息。",
    en=(
        "When the birth was certified, the mother asked for help with registering it. "
        "So far no household registration of the child is known."
    ),
)
SOURCE = Words(
    zh="《中华人民共和国户口登记条例》第七条：婴儿出生后一个月以内申报出生登记。",
    en="Household Registration Regulations of the PRC, Article 7: a birth is registered within one month.",
)
REGISTER = Words(zh="协助办理出生登记", en="Help with birth registration")
CARE = Words(zh="保健服务", en="Care contact")
UNEXPLAINED = Words(zh="所依据的方案已不再提供。", en="The schedule it comes from is no longer provided.")
