"""A department's list, however it is cut into pieces: every row, or every fault by its line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.reconciliation.listed import LARGEST_LINE, Listed, Reading, form_of
from shared.errors import Invalid, Problem

DIGEST = "ab" * 32
SOURCE = "urn:tenfold:health:birth-certificates"


def ndjson(count: int) -> bytes:
    rows = [{"source": SOURCE, "id": f"证{n}", "record": f"R-{n}", "digest": DIGEST} for n in range(count)]
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def csv(count: int) -> bytes:
    lines = [f'{DIGEST},"{SOURCE}",证{n},"R-{n}"' for n in range(count)]
    return ("\ufeff" + "\r\n".join(["digest,source,id,record", *lines]) + "\r\n").encode()


def read(form: str, body: bytes, piece: int = 1000) -> Listed:
    reading = Reading(form)
    for begin in range(0, len(body), piece):
        reading.feed(body[begin : begin + piece])
    return reading.finish()


def faults(form: str, body: bytes) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read(form, body)
    return [fault.pointer for fault in refused.value.faults]


@given(st.integers(1, 40), st.integers(1, 300), st.sampled_from(["ndjson", "csv"]))
def test_a_list_reads_the_same_however_it_is_cut(count: int, piece: int, form: str) -> None:
    listed = read(form, ndjson(count) if form == "ndjson" else csv(count), piece)
    assert [(row.source, row.id, row.digest) for row in listed.rows()] == [
        (SOURCE, f"证{n}", bytes.fromhex(DIGEST)) for n in range(count)
    ]
    assert list(listed.records.values()) == [f"R-{n}" for n in range(count)]


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b"nothing",
        b"\xff",
        b'{"source":"s","id":"i"}',
        b'{"source":"s","id":"i","digest":"AB"}',
        b'{"source":"s","id":"i","digest":"%s","more":1}' % DIGEST.encode(),
        b'{"source":"s","id":"\\u0000","digest":"%s"}' % DIGEST.encode(),
        b'{"source":"s","id":"","digest":"%s"}' % DIGEST.encode(),
        b"[" * 4000,
        b" " * (LARGEST_LINE + 1),
    ],
)
def test_a_malformed_row_is_named_by_its_line(line: bytes) -> None:
    (named,) = faults("ndjson", ndjson(2) + b"\n" + line + b"\n" + ndjson(1))
    assert named.split("/")[1] == "3"


def test_an_identity_number_is_no_record_number() -> None:
    row = json.dumps({"source": SOURCE, "id": "11010519491231002X", "digest": DIGEST}).encode()
    assert faults("ndjson", row) == ["/1"]


@pytest.mark.parametrize("header", [b"", b"source,id", b"source,id,digest,name", b"source,id,digest,id", b"a;b;c"])
def test_csv_without_its_header_is_refused(header: bytes) -> None:
    assert faults("csv", header + b"\n" + b"x" if header else b"") == ["/1"]


def test_a_short_row_of_csv_is_named() -> None:
    body = csv(1) + b'a,b\n"open,%s,c,d\n' % DIGEST.encode()
    assert faults("csv", body) == ["/3", "/4"]


def test_faults_beyond_a_hundred_are_counted() -> None:
    named = faults("ndjson", b"x\n" * 150)
    assert len(named) == 101
    assert named[-1] == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json"},
        {},
        {"content-type": "text/csv", "content-encoding": "gzip"},
    ],
)
def test_other_content_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        form_of(headers)
    assert refused.value.status == 415
