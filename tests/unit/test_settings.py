"""Settings come from TENFOLD_ variables and do not show their secrets."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.settings import Settings

NEEDED = {
    "TENFOLD_DATABASE_URL": "postgresql://tenfold:hunter2@db/registry",
    "TENFOLD_KEYS_FILE": "/run/keys.json",
    "TENFOLD_JWKS_FILE": "/run/jwks.json",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("TENFOLD_ENVIRONMENT", raising=False)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_rest_has_defaults_for_one_machine(environment: pytest.MonkeyPatch) -> None:
    settings = Settings()
    assert settings.keys_file == Path("/run/keys.json")
    assert [settings.exchange_url, settings.registry_url, settings.alerts_url] == [
        f"http://127.0.0.1:{port}" for port in (8101, 8102, 8103)
    ]
    assert settings.kafka_bootstrap is None
    assert settings.environment == "production", "what is unsafe must be asked for"
    assert settings.provisioning.parts[-2:] == ("deploy", "provisioning")


def test_printing_settings_shows_neither_password_nor_token(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TENFOLD_SERVICE_TOKEN", "a.b.c-not-for-others")
    settings = Settings()
    assert settings.service_token is not None
    assert settings.service_token.get_secret_value() == "a.b.c-not-for-others"
    assert "hunter2" not in repr(settings)
    assert "not-for-others" not in repr(settings)


def test_a_renewed_token_is_shown_from_the_next_call_on(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "service.jwt"
    environment.setenv("TENFOLD_SERVICE_TOKEN_FILE", str(file))
    settings = Settings()
    for token in ("first", "second"):
        file.write_text(f"{token}\n")
        assert settings.bearer() == token


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_what_has_no_default_is_required(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(name)
    with pytest.raises(ValidationError):
        Settings()
