"""What anyone may read over the API: rules, places, health, the document."""

from __future__ import annotations

import pytest

from tests.api.asking import Asking


@pytest.mark.parametrize("region", ["R1", "R1b", "R2", "R3", "R4", "R5", "R6", "V1", "V2"])
@pytest.mark.parametrize("topic", ["loss", "withdraw", "replace"])
def test_rules_are_explained_with_instants(ask: Asking, region: str, topic: str) -> None:
    """Every region explains its rules in every language."""
    for language in ("zh-hans", "zh-hant", "en"):
        told = ask.in_(language).get(f"/v1/rules/{region}/explanation", topic=topic)
        assert told.status == 200, told
        assert told["rules"]


def test_the_form_names_facts_and_instants(ask: Asking) -> None:
    """A door asks what the law asks, and shows the computed end."""
    told = ask.get("/v1/rules/R1/loss-form", channel="hotline")
    assert told.status == 200, told
    assert "name" in told["facts"]
    assert told["lapses_at"] > told["at"]
    assert ask.get("/v1/rules/R1/replacement-form", place="service_point").status == 200
    assert ask.get("/v1/rules/R1/withdrawal-form").status == 200
    assert ask.get("/v1/rules/XX/withdrawal-form").code == "desk.unknown_region"


def test_places_and_health_and_regions(ask: Asking) -> None:
    """Public readings answer without a token."""
    assert ask.get("/v1/places", region="R1").status == 200
    assert ask.get("/v1/places/NOWHERE").code == "api.not_found"
    assert ask.get("/health")["status"] == "ready"
    assert {each["region"] for each in ask.get("/v1/rules")["regions"]} >= {"R1", "V2"}


def test_the_document_is_there(ask: Asking) -> None:
    """OpenAPI 3.1 with every operation."""
    told = ask.get("/openapi.json")
    assert told["openapi"].startswith("3.1")
    assert "/api/v1/loss-reports" in told["paths"]
