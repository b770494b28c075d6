"""`tenfold login`: a one-time code for a page of a running Tenfold. In development only; production uses OIDC."""

from collections.abc import Mapping

from deploy.tenfold.layout import Layout
from deploy.tenfold.talking_trouble import in_plain_words
from shared.auth.issuer import Issuer
from shared.client import Client


async def login(layout: Layout, service: str, wanted: Mapping[str, object]) -> int:
    """Print where to type the code, and the code. Exit code 1 where the service refuses or is down."""
    return await in_plain_words(mint(layout, service, wanted))


async def mint(layout: Layout, service: str, wanted: Mapping[str, object]) -> int:
    """See `login`."""
    token = Issuer.open().issue(subject="cli:administrator", roles=["administrator"])
    async with Client(layout.url(service), token, timeout=10) as client:
        minted = await client.post("/v1/login-codes", dict(wanted))
    print(f"{minted['url']}  {minted['code']}")  # noqa: T201 - the answer itself, bare
    return 0
