"""Which address a webhook may be sent to, as far as the address itself tells. Pure."""

from typing import Final
from urllib.parse import urlsplit

from shared.addresses import NOTHING, Allowed, may_be_called
from shared.errors_text import RuleBroken

# Addresses that a Host header and a log line can hold; longer ones are no webhook's.
LONGEST_URL: Final = 2_000


def webhook_address(url: str, *, internal: bool, allowed: Allowed = NOTHING) -> str:
    """Judge an address that a subscriber names, without asking any name server; `internal` and `allowed` as in
    shared.client.Sender.

    Raises RuleBroken. Where the name leads is judged again whenever something is sent.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise RuleBroken(
            "must be an address in ASCII, 2,000 characters at most", "必须是不超过 2000 个字符的 ASCII 地址"
        )
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise RuleBroken("is no address", "不是有效的地址") from None
    if parts.scheme != "https" and not (internal and parts.scheme == "http"):
        raise RuleBroken("must begin with https://", "必须以 https:// 开头")
    if not host or port == 0:
        raise RuleBroken("names no host", "缺少主机名")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise RuleBroken("may hold neither a user nor a fragment", "不得包含用户名、密码或片段")
    try:
        refused = not may_be_called(host, loopback=internal, allowed=allowed)
    except ValueError:
        refused = not internal and (host == "localhost" or host.endswith(".localhost"))
    if refused:
        raise RuleBroken("leads to an internal address", "指向内部地址")
    return url
