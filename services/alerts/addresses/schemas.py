"""Bodies of secret addresses."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.alerts.addresses.repository import Address
from services.alerts.addresses.rules import Kind, Language


class AddressWanted(BaseModel):
    """What shall be shown there, and in which language."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    kind: Kind
    language: Language = "zh-CN"


class AddressBody(BaseModel):
    """An address as its worker sees it. The address itself is shown once, when it is made."""

    id: UUID
    kind: Kind
    language: Language
    made_at: datetime
    issued_at: Annotated[datetime, Field(description="When its present secret was made.")]
    revoked_at: datetime | None
    pulled_at: Annotated[datetime | None, Field(description="The newest time that something was read there.")]
    pulls: int

    @classmethod
    def of(cls, address: Address) -> "AddressBody":
        """Shape it."""
        return cls(
            id=address.address_id,
            kind=address.kind,
            language=address.language,
            made_at=address.made_at,
            issued_at=address.issued_at,
            revoked_at=address.revoked_at,
            pulled_at=address.pulled_at,
            pulls=address.pulls,
        )


class AddressWithUrl(AddressBody):
    """An address with what it is: whoever knows `url` reads it, so treat it as a password."""

    url: str


class Addresses(BaseModel):
    """All addresses of the caller at this facility, oldest first, revoked ones too."""

    addresses: list[AddressBody]
