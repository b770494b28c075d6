"""GET /v1/reconciliations/findings: what the running reconciler of the exchange found."""

from shared.reconciliation.routes import findings_router

router = findings_router()
