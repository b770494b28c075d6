"""The tree of problems, without any web framework: what they are called, which status they carry, how they read."""

from collections.abc import Mapping, Sequence

from shared.errors_faults import Fault
from shared.errors_text import ERRORS, Text


class Problem(Exception):
    """A refusal with a stable type. `slug` names an entry of ERRORS, which gives title and status.

    `detail` says what is wrong with this request (default: what to do); `extra` are further members, such as
    `withheld`. Neither may hold personal data. Raises KeyError for a slug nobody declared.
    """

    slug = "refused"

    def __init__(
        self,
        slug: str | None = None,
        *,
        detail: str | Text | None = None,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **extra: object,
    ) -> None:
        self.slug = slug or type(self).slug
        self.text = ERRORS[self.slug]
        self.status = self.text.status
        self.detail = detail or self.text.what_to_do
        self.faults = list(faults)
        self.headers = dict(headers or {})
        self.extra = extra
        super().__init__(self.slug)

    @property
    def title(self) -> str:
        """The English title."""
        return self.text.title_en

    def body(self, language: str = "en") -> dict[str, object]:
        """The problem's members in "zh-CN" or "en". Batches put this into their results."""
        members: dict[str, object] = {
            **self.extra,
            "type": f"/errors#{self.slug}",
            "title": self.text.title.in_(language),
            "status": self.status,
            "detail": _say(self.detail, language),
        }
        if self.faults:
            members["faults"] = [
                {"pointer": fault.pointer, "message": _say(fault.message, language)} for fault in self.faults
            ]
        return members


class Unauthenticated(Problem):
    """401: no valid token."""

    slug = "unauthenticated"

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    """403: decided from caller, purpose and fields before any look-up; after one, only NotFound."""

    slug = "forbidden"


class NotFound(Problem):
    """404: unknown and forbidden alike. Takes no words of its own, so that the two cannot be told apart."""

    slug = "not-found"

    def __init__(self) -> None:
        super().__init__()


class Conflict(Problem):
    """409."""

    slug = "conflict"


class Invalid(Problem):
    """422: `faults` names each place."""

    slug = "invalid"


class TooLarge(Problem):
    """413."""

    slug = "too-large"


class Unavailable(Problem):
    """503: try again after `retry_after` seconds."""

    slug = "unavailable"

    def __init__(self, slug: str | None = None, *, retry_after: int = 5, detail: str | Text | None = None) -> None:
        super().__init__(slug, detail=detail, headers={"Retry-After": str(retry_after)})


def _say(text: str | Text, language: str) -> str:
    return text.in_(language) if isinstance(text, Text) else text
