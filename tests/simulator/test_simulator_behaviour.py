"""The silences of the document as parameters: how they are written, read and listed."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import UsageError
from reconciler.simulator.behaviour import PLAIN, Behaviour, behaviour_settings, parameters, parse_behaviour
from reconciler.simulator.variants import HARSH, VARIANTS


def test_every_parameter_is_explained() -> None:
    """Each parameter tells what it means, what it takes and what the most plausible server does."""
    listed = parameters()
    assert [one.name for one in listed] == [one.name for one in fields(Behaviour)]
    assert all(one.meaning and one.values for one in listed)
    assert all(one.default in one.values or one.values[0] in ("N", "TEXT") for one in listed)


def test_settings_are_read_over_the_plain_server() -> None:
    """Settings change what they name; dashes do as well as underscores."""
    read = parse_behaviour(["associate-twice=refused", "refusal_status=400", "token_expiry_field=none", "first_id=50"])
    assert read == Behaviour(associate_twice="refused", refusal_status=400, token_expiry_field=None, first_id=50)


def test_settings_can_start_from_another_server() -> None:
    """A base keeps what the settings don't name."""
    read = parse_behaviour(["dates=iso"], base=Behaviour(dates="uk", decimals="text"))
    assert read == Behaviour(decimals="text")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("associate_twice=maybe", "succeeds | refused"),
        ("put_honours_active=1", "true | false"),
        ("token_seconds=-5", "N"),
        ("refusal_status=500", "200 | 400"),
        ("colour=red", "associate_twice"),
        ("dates", "NAME=VALUE"),
        ("token_expiry_field=", "TEXT | none"),
    ],
)
def test_a_wrong_setting_says_what_was_expected(setting: str, told: str) -> None:
    """A setting that can't be taken is refused with the values that can."""
    with pytest.raises(UsageError) as caught:
        parse_behaviour([setting])
    assert repr(setting) in caught.value.message
    assert told in caught.value.message


def test_all_wrong_settings_are_told_at_once() -> None:
    """Two mistakes are two findings of one error."""
    with pytest.raises(UsageError, match="dates") as caught:
        parse_behaviour(["dates=us", "nulls=void", "ids=shared"])
    assert "nulls" in caught.value.message
    assert "ids=shared" not in caught.value.message


@pytest.mark.parametrize("name", [*VARIANTS, *HARSH])
def test_a_variant_survives_being_written(name: str) -> None:
    """Every named server can be written as settings and read back."""
    behaviour = {**VARIANTS, **HARSH}[name]
    assert parse_behaviour(behaviour_settings(behaviour)) == behaviour


def test_variants_differ() -> None:
    """No two named servers are the same, and only `plain` is the default."""
    servers = [*VARIANTS.values(), *HARSH.values()]
    assert len(set(servers)) == len(servers) == len({*VARIANTS, *HARSH})
    assert [name for name, behaviour in VARIANTS.items() if behaviour == PLAIN] == ["plain"]


def test_the_variants_exercise_every_parameter() -> None:
    """Each parameter that changes what a client meets has a server that differs in it."""
    differing = {
        one.name
        for one in fields(Behaviour)
        for behaviour in (*VARIANTS.values(), *HARSH.values())
        if getattr(behaviour, one.name) != one.default
    }
    assert {one.name for one in fields(Behaviour)} - differing == {"token_seconds"}


@given(st.data())
def test_any_behaviour_survives_being_written(data: st.DataObject) -> None:
    """Whatever combination of values, the settings read back to the same behaviour."""
    settings = [
        f"{one.name}={data.draw(st.sampled_from([value for value in one.values if value != 'TEXT']))}".replace(
            "=N", "=7"
        )
        for one in parameters()
    ]
    behaviour = parse_behaviour(settings)
    assert parse_behaviour(behaviour_settings(behaviour)) == behaviour
