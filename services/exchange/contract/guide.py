"""How a department's system works with the exchange, step by step: for the page, and for the OpenAPI document."""

from pathlib import Path
from typing import Final

import yaml
from pydantic import TypeAdapter

from services.exchange.contract.meanings import Said

STEPS: Final = TypeAdapter(list[Said]).validate_python(
    yaml.safe_load((Path(__file__).parent / "guide.yaml").read_text(encoding="utf-8"))
)


def markdown() -> str:
    """The steps as text, in both languages."""
    english = "\n".join(f"{number}. **{step.title.en}.** {step.says.en}" for number, step in enumerate(STEPS, start=1))
    chinese = "\n".join(f"{number}. **{step.title.zh}。** {step.says.zh}" for number, step in enumerate(STEPS, start=1))
    documents = "/catalogue (for people), /v1/catalogue, /schemas, /asyncapi.json (every message, examples), /errors"
    return f"How to begin; see also {documents}.\n\n{english}\n\n接入步骤\n\n{chinese}"
