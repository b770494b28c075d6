"""What a form of a page sends, and what is said of it."""

from starlette.requests import Request

MOST_FIELDS = 100


async def texts_of(request: Request) -> dict[str, str]:
    """The texts of a form by name; files are none, and of several with one name the last counts."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}
