"""Matching on the FEBRL sets: our weights and splink's on the same pairs of the same run; and on the synthetic county.

`python -m benchmarks.matching` prints the table; `--estimate` writes febrl.v1.yaml anew; `--without-splink` is quick;
`--json` gives the rows of the FEBRL sets on one line, without the county. Set 4 is timed with training, sets 1 to 3
without."""

import json
import random
import sys
from collections import Counter
from time import perf_counter
from typing import NamedTuple

import yaml
from rich.console import Console
from rich.table import Table

from benchmarks.febrl import (
    BLOCKS,
    WEIGHTS,
    Pair,
    Quality,
    Record,
    candidates,
    learn,
    one_to_one,
    quality,
    read,
    scores,
    true_pairs,
)
from benchmarks.misreporting import met, register, reports
from deploy.tenfold.county.provisioned import generate
from services.registry.identity.score import Verdict, score, verdict
from services.registry.identity.weights import Weights, current, load


class Row(NamedTuple):
    """One line of the table."""

    what: str
    quality: Quality
    pairs: int
    seconds: float


def ours(weights: Weights) -> Row:
    """Set 4 by our weights: blocks, scores, one-to-one."""
    one, other = read("dataset4a"), read("dataset4b")
    began = perf_counter()
    pairs = candidates(one, other)
    links = one_to_one(scores(pairs, weights), weights.certain)
    seconds = perf_counter() - began
    return Row("FEBRL 4, ours, one to one", quality(links, true_pairs(one, other)), len(pairs), seconds)


def trained() -> Row:
    """The same, weights learnt first, as splink has to."""
    began = perf_counter()
    row = ours(learnt())
    return row._replace(seconds=perf_counter() - began)


def within(number: int, weights: Weights) -> Row:
    """A set with duplicates, by the weights learnt on set 4; nobody says that records come in twos."""
    records = read(f"dataset{number}")
    began = perf_counter()
    pairs = candidates(records, records)
    links = [(a, b) for weight, a, b in scores(pairs, weights) if weight >= weights.certain]
    seconds = perf_counter() - began
    return Row(f"FEBRL {number}, ours", quality(links, true_pairs(records, records)), len(pairs), seconds)


def splinks() -> Row:
    """Set 4 by splink on DuckDB: its own comparisons and training, our blocks, the same one-to-one at even odds."""
    import pyarrow
    import splink.comparison_library as levels
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI
    from splink.blocking_rule_library import CustomRule

    one, other = read("dataset4a"), read("dataset4b")
    began = perf_counter()
    database = DuckDBAPI()
    tables = [database.register(pyarrow.Table.from_pylist([_row(each) for each in half])) for half in (one, other)]
    edits = ("date_of_birth", "soc_sec_id", "postcode", "address_1", "address_2", "suburb")
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="rec_id",
        probability_two_random_records_match=1 / len(one),
        blocking_rules_to_generate_predictions=[
            *(block_on(*fields) for fields in BLOCKS),
            CustomRule("l.given_name = r.surname and l.surname = r.given_name"),
        ],
        comparisons=[
            levels.NameComparison("given_name"),
            levels.NameComparison("surname"),
            *(levels.DamerauLevenshteinAtThresholds(field, [1, 2]) for field in edits),
            levels.ExactMatch("street_number"),
            levels.ExactMatch("state"),
        ],
    )
    linker = Linker(tables, settings, log_level="ERROR")
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for trained in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(trained))
    rows = linker.inference.predict().as_record_list()
    links = one_to_one(((row["match_weight"], row["rec_id_l"], row["rec_id_r"]) for row in rows), 0.0)
    seconds = perf_counter() - began
    return Row("FEBRL 4, splink, one to one", quality(links, true_pairs(one, other)), len(rows), seconds)


def _row(record: Record) -> dict[str, str | None]:
    return {key: value or None for key, value in vars(record).items()}


def county(people: int = 20_000) -> Table:
    """The synthetic county misreported (benchmarks/misreporting.py), by the weights in force, blocking included."""
    rng, weights = random.Random(1), current()
    known = register(generate(people), rng)
    reported = reports(known, rng)
    said: dict[int, Verdict] = {}
    others: Counter[Verdict] = Counter()
    for report, place in met(known, reported):
        judged = verdict(score(report.description, known[place], weights), weights)
        if place == report.place:
            said[report.place] = judged
        else:
            others[judged] += 1
    table = Table("error", "number", "reports", "certain", "possible", "none", title=f"{len(known):,} people")
    rows = Counter((each.kind, bool(each.description.numbers), said.get(each.place, "none")) for each in reported)
    for kind, numbered in sorted({row[:2] for row in rows}):
        counts = [rows[kind, numbered, judged] for judged in ("certain", "possible", "none")]
        table.add_row(kind, "yes" if numbered else "no", *(f"{count:,}" for count in (sum(counts), *counts)))
    table.add_row("somebody else", "", "", *(f"{others[judged]:,}" for judged in ("certain", "possible", "none")))
    return table


def learnt() -> Weights:
    """Weights estimated from set 4."""
    pairs: list[Pair] = candidates(read("dataset4a"), read("dataset4b"))
    return learn(pairs)


def write(weights: Weights) -> None:
    """Keep them in febrl.v1.yaml."""
    content = yaml.safe_dump(weights.model_dump(mode="json"), sort_keys=False)
    WEIGHTS.write_text(content, encoding="utf-8")


def told(row: Row) -> dict[str, object]:
    """A row for `make bench`."""
    found = row.quality
    shares = {"precision": found.precision, "recall": found.recall}
    return {"what": row.what, "pairs": row.pairs, **shares, "seconds": row.seconds}


def show(rows: list[Row]) -> None:
    """Print the table."""
    table = Table("what", "pairs compared", "links", "precision", "recall", "seconds")
    for row in rows:
        found = row.quality
        table.add_row(
            row.what,
            f"{row.pairs:,}",
            f"{found.links:,}",
            f"{found.precision:.4f}",
            f"{found.recall:.4f}",
            f"{row.seconds:.1f}",
        )
    Console().print(table)


if __name__ == "__main__":
    if "--estimate" in sys.argv:
        write(learnt())
    rows = [trained()] if "--without-splink" in sys.argv else [trained(), splinks()]
    rows += [within(number, load(WEIGHTS)) for number in (1, 2, 3)]
    if "--json" in sys.argv:
        print(json.dumps([told(row) for row in rows]))
    else:
        show(rows)
        Console().print(county())
