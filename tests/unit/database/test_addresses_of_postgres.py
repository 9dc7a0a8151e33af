"""The addresses of PostgreSQL that its own tools take are understood, with several hosts too."""

import pytest
from sqlalchemy import create_engine, make_url

from services.reporting.app import build_app
from shared.settings import Settings

READ_WRITE = {"target_session_attrs": "read-write"}


def driver_parameters(address: str) -> dict[str, object]:
    """Return with what the driver would connect, in a process that was handed the address too."""
    given = Settings.from_environment({"DATABASE_URL": address}).log_url
    handed = Settings.from_environment({"DATABASE_URL": given}).log_url
    engine = create_engine(make_url(handed).render_as_string(hide_password=False))
    _, parameters = engine.dialect.create_connect_args(engine.url)
    return {name: value for name, value in parameters.items() if name != "context"}


@pytest.mark.parametrize(
    ("address", "parameters"),
    [
        ("postgres://h1/dvk", {"host": "h1", "dbname": "dvk"}),
        (
            "postgresql://dvk:w%40rd%2F,1@h1:5433/dvk?sslmode=verify-full",
            {
                "host": "h1",
                "port": 5433,
                "user": "dvk",
                "password": "w@rd/,1",
                "dbname": "dvk",
                "sslmode": "verify-full",
            },
        ),
        (
            "postgresql://dvk:w%40rd%2F,1@h1:5433,h2/dvk?sslmode=require",
            {
                "host": "h1,h2",
                "port": "5433,5432",
                "user": "dvk",
                "password": "w@rd/,1",
                "dbname": "dvk",
                "sslmode": "require",
                **READ_WRITE,
            },
        ),
        (
            "postgresql://dvk:word@/dvk?host=h1,h2&port=5433,5434",
            {
                "host": "h1,h2",
                "port": "5433,5434",
                "user": "dvk",
                "password": "word",
                "dbname": "dvk",
                **READ_WRITE,
            },
        ),
        (
            "postgresql:///dvk?host=h1,h2&port=5433",
            {"host": "h1,h2", "port": "5433,5433", "dbname": "dvk", **READ_WRITE},
        ),
        (
            "postgresql://h1,h2/dvk?target_session_attrs=prefer-standby",
            {
                "host": "h1,h2",
                "port": "5432,5432",
                "dbname": "dvk",
                "target_session_attrs": "prefer-standby",
            },
        ),
        (
            "postgresql+psycopg://[2001:db8::1]:5433,[2001:db8::2]/dvk",
            {"host": "2001:db8::1,2001:db8::2", "port": "5433,5432", "dbname": "dvk", **READ_WRITE},
        ),
        (
            "postgresql:///dvk?host=/run/a,/run/b",
            {"host": "/run/a,/run/b", "port": "5432,5432", "dbname": "dvk", **READ_WRITE},
        ),
    ],
)
def test_the_driver_is_given_what_the_address_says(
    address: str, parameters: dict[str, object]
) -> None:
    assert driver_parameters(address) == parameters


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://dvk:s3cret@h1:,h2:x/dvk",
        "postgresql://dvk:s3cret@h1,/dvk",
        "postgresql://dvk:s3cret@h1,h2/dvk?host=h3",
        "postgresql://dvk:s3cret@/dvk?host=h1,h2&port=1,2,3",
    ],
)
@pytest.mark.parametrize("name", ["DATABASE_URL", "DVK_PEOPLE_URL"])
def test_an_address_that_is_none_ends_the_start_with_its_name_and_without_its_password(
    name: str, address: str
) -> None:
    with pytest.raises(SystemExit, match=name) as refused:
        Settings.from_environment({name: address})
    assert "s3" not in str(refused.value)
    assert "cret" not in str(refused.value)


def test_a_follower_has_a_postgres() -> None:
    settings = Settings.from_environment({"DVK_FOLLOW": "1"})
    with pytest.raises(SystemExit, match="DVK_FOLLOW"):
        build_app(settings)


@pytest.mark.parametrize(
    ("stated", "attributes"), [("", "any"), ("?target_session_attrs=standby", "standby")]
)
def test_a_follower_reads_from_the_first_of_its_hosts_that_answers(
    stated: str, attributes: str
) -> None:
    address = f"postgresql://dvk@h1,h2/dvk{stated}"
    followed = Settings.from_environment({"DVK_FOLLOW": "1", "DATABASE_URL": address})
    assert make_url(followed.log_url).query["target_session_attrs"] == attributes
    assert make_url(followed.reporting_url).query["host"] == "h1,h2"
