"""Who takes which partition: everybody reckons the same, and one who comes or goes moves only its own share."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.exchange.intake.kafka_members import holder

TOPIC = "tenfold.intake.health"
members = st.sets(st.builds(UUID, int=st.integers(0, 2**128 - 1)), min_size=1, max_size=6)


@given(members, st.integers(0, 63))
def test_everybody_gives_a_partition_to_the_same_member_in_whatever_order_they_see_them(
    living: set[UUID], partition: int
) -> None:
    assert holder(TOPIC, partition, sorted(living)) == holder(TOPIC, partition, sorted(living, reverse=True))
    assert holder(TOPIC, partition, living) in living


@given(members, st.builds(UUID, int=st.integers(0, 2**128 - 1)))
def test_a_member_that_comes_takes_from_the_others_and_moves_nothing_between_them(
    living: set[UUID], newcomer: UUID
) -> None:
    for partition in range(32):
        after = holder(TOPIC, partition, living | {newcomer})
        assert after in (newcomer, holder(TOPIC, partition, living))


def test_shares_are_even_enough() -> None:
    living = [UUID(int=number) for number in range(4)]
    taken = [holder(f"tenfold.intake.{number}", partition, living) for number in range(10) for partition in range(12)]
    assert all(15 <= taken.count(member) <= 45 for member in living), "of 120 partitions, among four"
