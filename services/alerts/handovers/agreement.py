"""What she is told before another facility has her record, and what is kept of her answer. Pure.

Personal Information Protection Law, Art. 23: whoever gives personal data to another handler tells the person its name
and contact, for what and how it is used and of which kinds it is, and asks for a consent of its own.
"""

import hashlib
from typing import Final

import msgspec

from services.alerts.facilities.duty import Facility
from shared.sharing.words import Words

VERSION: Final = "2026-01"
TEXT: Final = Words(
    zh=(
        "{facility}（联系方式：{contact}）可以接续您的保健服务。为此，我们将把您的全部保健记录交给该机构："
        "姓名、联系方式、孕产期日期、保健情况与风险评估。该机构仅用于继续为您提供保健服务；在其接受之前看不到您的姓名和记录，"
        "接受之后本机构不再能查看。不同意不影响您获得任何服务，您也可以随时撤回。"
    ),
    en=(
        "{facility} (contact: {contact}) can go on with your care. For that we would give it all of your care record: "
        "name, how to reach you, the dates of pregnancy and birth, your care and the level of risk. It uses them for "
        "your care only; before it accepts it sees neither name nor record, and afterwards we see them no more. "
        "If you do not agree nothing changes in any service that you receive, and you may withdraw at any time."
    ),
)
AT_ITS_COUNTER: Final = Words(zh="该机构服务台", en="at its counter")


class HandoverNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept of an offer. `offered_by`: None where the registry's word made it. `digest`: SHA-256 of the words
    she was told. `former_workers`: who was named for it before,
    without a last day."""

    offered_by: str | None = None
    text_version: str | None = None
    digest: str | None = None
    language: str | None = None
    channel: str | None = None
    agreement_by: str | None = None
    decided_by: str | None = None
    former_workers: tuple[str, ...] = ()


_NOTE: Final = msgspec.json.Decoder(HandoverNote)


def words(facility: Facility) -> Words:
    """What she is told about this recipient."""
    return Words(
        zh=TEXT.zh.format(facility=facility.zh, contact=facility.contact or AT_ITS_COUNTER.zh),
        en=TEXT.en.format(facility=facility.en, contact=facility.contact or AT_ITS_COUNTER.en),
    )


def digest(facility: Facility, language: str) -> str:
    """SHA-256 of these words in one language."""
    told = words(facility)
    return hashlib.sha256((told.zh if language == "zh" else told.en).encode()).hexdigest()


def written(note: HandoverNote) -> bytes:
    """As JSON."""
    return msgspec.json.encode(note)


def read(text: bytes) -> HandoverNote:
    """A note. Raises msgspec.ValidationError."""
    return _NOTE.decode(text)
