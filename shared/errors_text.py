"""What every problem type means, in English and Chinese: the one list behind problem+json answers and `GET /errors`."""

from typing import NamedTuple


class Text(NamedTuple):
    """One sentence in both languages. Never holds personal data: it is written in code."""

    en: str
    zh: str

    def in_(self, language: str) -> str:
        """The sentence in "zh-CN" or "en"."""
        return self.zh if language == "zh-CN" else self.en


class ErrorText(NamedTuple):
    """A problem type: its HTTP status, its name, and what whoever meets it can do."""

    status: int
    title_en: str
    title_zh: str
    what_to_do_en: str
    what_to_do_zh: str

    @property
    def title(self) -> Text:
        """The short name of the problem."""
        return Text(self.title_en, self.title_zh)

    @property
    def what_to_do(self) -> Text:
        """What helps."""
        return Text(self.what_to_do_en, self.what_to_do_zh)


class RuleBroken(ValueError):
    """A value breaks a rule of ours; raise it in pydantic validators to tell the caller which, in both languages.

    The texts are shown to the caller, so they never quote the value. Other ValueErrors are answered without their text.
    """

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.text = Text(en, zh)


ERRORS: dict[str, ErrorText] = {
    "malformed": ErrorText(
        400,
        "The request cannot be read",
        "请求无法解析",
        "Send well-formed JSON in UTF-8.",
        "请发送 UTF-8 编码的有效 JSON。",
    ),
    "unauthenticated": ErrorText(
        401,
        "No valid token",
        "缺少有效令牌",
        "Send `Authorization: Bearer <token>` with a current token from the issuer this platform trusts.",
        "请在 Authorization 头中以 Bearer 方式提供由受信任签发方签发的有效令牌。",
    ),
    "forbidden": ErrorText(
        403,
        "Not allowed for this caller",
        "当前调用方无权执行",
        "Use a credential that is entitled to this call; agreements and roles are managed by the administrators.",
        "请使用有权限的凭据；角色与共享协议由管理员维护。",
    ),
    "role-required": ErrorText(
        403,
        "Another role is needed",
        "需要其他角色",
        "Use a token with one of the roles named in `required_roles`.",
        "请使用具有 required_roles 所列角色之一的令牌。",
    ),
    "department-required": ErrorText(
        403,
        "Only departments may call this",
        "仅限部门调用",
        "Use a department's token; the department is taken from the token, never from the body.",
        "请使用部门令牌；部门以令牌为准，不以正文为准。",
    ),
    "city-required": ErrorText(
        403,
        "Only for those who act for no single department",
        "仅限不代表任何部门的人员调用",
        "This concerns all departments: use a token of the city's administrators or protection officers, which names no"
        " department.",
        "此接口涉及所有部门：请使用市级管理员或保护专员的令牌，其中不含部门。",
    ),
    "service-required": ErrorText(
        403,
        "Only services of the platform may call this",
        "仅限平台内部服务调用",
        "Departments use the calls listed in the catalogue.",
        "部门请使用目录中列出的接口。",
    ),
    "purpose-required": ErrorText(
        403,
        "A purpose is needed",
        "需要说明用途",
        "Use a token issued for one of the purposes of the closed list.",
        "请使用为规定用途之一签发的令牌。",
    ),
    "areas-not-served": ErrorText(
        403,
        "Not for a token that is limited to areas",
        "限定区域的令牌不可使用此接口",
        "This serves all of the department's people, wherever they live. Use a token of the department without `areas`;"
        " look-ups take one with `areas`.",
        "此接口提供本部门的全部人员，不按区域划分。请使用不含 areas 的部门令牌；查询接口可使用限定区域的令牌。",
    ),
    "not-your-type": ErrorText(
        403,
        "Another department reports this type",
        "该事件类型由其他部门上报",
        "The catalogue names who may report each type.",
        "请查看目录中各类型的上报部门。",
    ),
    "not-your-source": ErrorText(
        403,
        "This source belongs to another department",
        "该来源属于其他部门",
        "Use a `source` that is provisioned for your department.",
        "请使用为本部门登记的 source。",
    ),
    "not-agreed": ErrorText(
        403,
        "No sharing agreement covers this",
        "没有适用的共享协议",
        "Ask for fields and purposes that an agreement in force grants; `GET /v1/agreements` lists them.",
        "请仅请求有效协议授予的字段和用途；见 GET /v1/agreements。",
    ),
    "not-found": ErrorText(
        404,
        "Nothing here for this caller",
        "未找到可供当前调用方查看的内容",
        "Check the address or reference. What a caller may not see is answered the same way as what does not exist.",
        "请核对地址或引用。无权查看与不存在的答复相同。",
    ),
    "method-not-allowed": ErrorText(
        405, "This address has no such method", "该地址不支持此方法", "See the `Allow` header.", "请参见 Allow 头。"
    ),
    "conflict": ErrorText(
        409,
        "The request conflicts with what is already there",
        "请求与现有内容冲突",
        "Read the present state, then try again.",
        "请读取当前状态后重试。",
    ),
    "same-id-other-content": ErrorText(
        409,
        "This id was already reported with other content",
        "该编号已用于不同内容的上报",
        "Ids are for ever: report a change as a new event with `action` corrected or annulled.",
        "编号永久有效：变更请以新事件上报，action 为 corrected 或 annulled。",
    ),
    "feed-reset": ErrorText(
        409,
        "The feed was rebuilt; this cursor is of an earlier one",
        "数据流已重建，游标属于旧版本",
        "Empty what the feed told you of people and start again without a cursor, or take GET /v1/snapshot; repeated"
        " entries are recognised by their id.",
        "请清空由数据流得来的人员信息，不带游标从头读取，或先取 GET /v1/snapshot；重复条目可按编号识别。",
    ),
    "too-large": ErrorText(413, "The request is too large", "请求过大", "Send smaller batches.", "请减小批量。"),
    "unsupported-media-type": ErrorText(
        415,
        "This content type is not understood",
        "不支持的内容类型",
        "Send application/json or application/cloudevents+json.",
        "请使用 application/json 或 application/cloudevents+json。",
    ),
    "not-a-list": ErrorText(
        415,
        "This is not a list that can be compared",
        "不是可比对的清单",
        "Send text/csv with a header, or application/x-ndjson, not compressed.",
        "请发送带表头的 text/csv，或 application/x-ndjson，且不得压缩。",
    ),
    "invalid": ErrorText(
        422,
        "The request breaks the contract",
        "请求不符合接口约定",
        "Each entry of `faults` names one place and what is wrong there.",
        "faults 逐项列出位置与问题。",
    ),
    "quota-exceeded": ErrorText(
        429,
        "The quota of this official is used up",
        "该人员的查询配额已用完",
        "Wait for the time in `Retry-After`.",
        "请等待 Retry-After 所示时间。",
    ),
    "refused": ErrorText(
        400,
        "The request was refused",
        "请求被拒绝",
        "Check the request against the contract.",
        "请对照接口约定检查请求。",
    ),
    "internal": ErrorText(
        500,
        "Something failed here",
        "服务内部出错",
        "Nothing accepted is lost. Send the same request again; repeats are recognised.",
        "已受理的内容不会丢失。请原样重试，重复请求会被识别。",
    ),
    "unavailable": ErrorText(
        503,
        "Not available just now",
        "暂时不可用",
        "Send the same request again after the time in `Retry-After`; repeats are recognised.",
        "请在 Retry-After 所示时间后原样重试，重复请求会被识别。",
    ),
}


def declare(slug: str, text: ErrorText) -> None:
    """Add a service's own problem type at import; a slug keeps one meaning for ever. Raises ValueError otherwise."""
    if ERRORS.setdefault(slug, text) != text:
        raise ValueError(f"problem type {slug} is already declared")
