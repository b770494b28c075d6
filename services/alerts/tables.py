"""The alerts service's schema. Definition only: SQL stands in each feature's repository.py."""

from services.alerts.addresses.tables import ADDRESS_TABLES
from services.alerts.contacts.tables import CareContact, CareOutcome
from services.alerts.digests.tables import DIGEST_TABLES
from services.alerts.directory.tables import DirectoryIndex, DirectoryPerson, DirectoryWord
from services.alerts.episodes.tables import Episode, EpisodeConsent
from services.alerts.facilities.tables import FACILITY_TABLES
from services.alerts.handovers.tables import EpisodeServed, Handover
from services.alerts.life.tables import EpisodeKin, EpisodeLife
from services.alerts.misuse.tables import MISUSE_TABLES
from services.alerts.own.tables import OwnCode
from services.alerts.questions.tables import AccessQuestion
from services.alerts.registration_help.tables import RegistrationHelp
from services.alerts.reports.tables import TaskReport
from services.alerts.webhooks.tables import WEBHOOK_TABLES
from shared.audit.tables import AUDIT_TABLES
from shared.feed.parked import Parked
from shared.feed.tables import FEED_TABLES
from shared.reconciliation.tables import RECONCILIATION_TABLES
from shared.sessions.tables import SESSION_TABLES

TABLES = [
    *FEED_TABLES,
    Parked,
    *AUDIT_TABLES,
    DirectoryPerson,
    DirectoryIndex,
    DirectoryWord,
    RegistrationHelp,
    Episode,
    EpisodeConsent,
    CareContact,
    CareOutcome,
    OwnCode,
    TaskReport,
    AccessQuestion,
    *MISUSE_TABLES,
    *FACILITY_TABLES,
    Handover,
    EpisodeServed,
    *ADDRESS_TABLES,
    *WEBHOOK_TABLES,
    *DIGEST_TABLES,
    EpisodeLife,
    EpisodeKin,
    *SESSION_TABLES,
    *RECONCILIATION_TABLES,
]
