"""What the exchange's feeds are called. Pure; workers and handlers need the names, not the routes."""


def department_feed(department: str) -> str:
    """The name of a department's own feed."""
    return f"department:{department}"
