"""How the exchange tries again what it has parked."""

from services.exchange.distribution.handlers import Distribution
from services.exchange.intake.handlers import Intake
from services.exchange.intake.kafka_parked import through
from shared.app import Service
from shared.errors import Text
from shared.feed.retry import Retries, by
from shared.kafka.topics import intake_topic
from shared.sharing.departments import Departments

SUBSCRIPTION = Text(
    "The department tries its deliveries again by POST /v1/subscriptions/{name}/retry.",
    "由该部门通过 POST /v1/subscriptions/{name}/retry 重试投递。",
)
IN_THE_FEED = Text(
    "The entry is too large for its topic, where a stub stands; it is read by GET /v1/feed.",
    "该条目超出主题允许的大小，主题中仅有占位记录；请通过 GET /v1/feed 读取。",
)


def retries_of(service: Service, distribution: Distribution, intake: Intake, departments: Departments) -> Retries:
    """What the registry told goes to the distribution, records of intake topics through the intake."""
    prefix = service.settings.kafka_topics
    records = {intake_topic(each.name, prefix): through(intake, each.name) for each in departments.all()}
    return Retries(service.pool, service.ring, {"changes": by("changes", distribution.handle), **records}, elsewhere)


def elsewhere(origin: str) -> Text | None:
    """The call that tries again what came from there."""
    return SUBSCRIPTION if origin.startswith("subscription:") else IN_THE_FEED
