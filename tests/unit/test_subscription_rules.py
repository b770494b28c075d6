"""Which addresses a department may name, and which entries a filter lets through."""

import pytest

from services.exchange.subscriptions.rules import Told, short, wants
from shared.errors_text import RuleBroken
from shared.subscriptions.rules import webhook_address


@pytest.mark.parametrize(
    "url", ["https://hooks.example.cn/tenfold?a=1", "https://hooks.example.cn:8443/", "https://8.8.8.8/x"]
)
def test_public_addresses_with_tls_are_taken(url: str) -> None:
    assert webhook_address(url, internal=False) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.cn",
        "http://hooks.example.cn/",
        "ftp://hooks.example.cn/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user:password@hooks.example.cn/",
        "https://user@hooks.example.cn/",
        "https://hooks.example.cn/#part",
        "https://hooks.example.cn:99999/",
        "https://hooks.example.cn:0/",
        "https://hooks.example.cn/ x",
        "https://hooks.example.cn\\@10.0.0.1/",
        "https://hooks.example.cn/\r\nx: y",
        "https://hooks.example.cn/\x00",
        "https://例子.cn/",
        "https://hooks.example.cn/" + "x" * 2_000,
        "https://[::1/",
        "https://localhost/",
        "https://service.localhost/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
    ],
)
def test_everything_else_is_refused_in_production(url: str) -> None:
    with pytest.raises(RuleBroken):
        webhook_address(url, internal=False)


def test_in_development_this_machine_may_be_named_and_no_other_internal_one() -> None:
    for url in ("http://127.0.0.1:8000/x", "http://localhost:8000/x", "http://[::1]:8000/x"):
        assert webhook_address(url, internal=True) == url
    for url in ("http://10.0.0.1/", "https://192.168.0.1/", "http://169.254.169.254/", "http://[::ffff:10.0.0.1]/"):
        with pytest.raises(RuleBroken):
            webhook_address(url, internal=True)


def told(name: str = "person.changed", **changed: object) -> Told:
    return Told(f"cn.tenfold.{name}.v1", {"changed": changed} if changed else {})


def test_no_filter_wants_everything() -> None:
    assert wants([], [], told(registered_area="370102"))
    assert wants([], [], told("something.new"))


def test_types_are_wanted_by_their_short_name() -> None:
    assert short("cn.tenfold.person.changed.v1") == "person.changed"
    assert wants(["person.merged", "person.changed"], [], told())
    assert not wants(["person.merged"], [], told())


@pytest.mark.parametrize(
    ("area", "wanted"),
    [
        ("370102", True),
        ("370102901001", True),
        ("37", True),
        ("370103", False),
        ("110101001001", False),
        (None, True),
        (37, True),
    ],
)
def test_only_an_area_that_lies_outside_is_passed_over(area: object, wanted: bool) -> None:
    assert wants([], ["370102", "4403"], told(registered_area=area)) is wanted


def test_entries_that_name_no_area_are_never_passed_over_for_it() -> None:
    for told_ in (told("person.merged"), told("receipt.changed"), told(name="x"), Told("t", {"changed": ["x"]})):
        assert wants([], ["37"], told_)
