"""What `REDIS_URL` may be: one server, or sentinels; anything else is refused with the reason."""

import pytest

from shared.bus.address import redis_address
from shared.settings import Settings


def test_one_server_is_left_to_the_library() -> None:
    for url in ("redis://:word@host:6379/0", "rediss://host", "unix:///run/redis.sock"):
        assert redis_address(url).url == url
        assert redis_address(url).sentinels == ()


def test_sentinels_have_hosts_a_master_and_passwords_of_their_own() -> None:
    found = redis_address(
        "redis+sentinel://registry:p%40ss%2Fword@h1:26380,h2,[2001:db8::1]:26381/dvk"
        "?db=3&sentinel_username=s&sentinel_password=other%20word"
    )
    assert found.sentinels == (("h1", 26380), ("h2", 26379), ("2001:db8::1", 26381))
    assert found.master == "dvk"
    assert found.options == {"username": "registry", "password": "p@ss/word", "db": 3}
    assert found.of_sentinels == {"username": "s", "password": "other word"}


def test_tls_is_for_the_master_and_for_the_sentinels() -> None:
    found = redis_address("rediss+sentinel://h1/dvk?ssl_ca_certs=/ca.pem&ssl_check_hostname=no")
    tls = {"ssl": True, "ssl_ca_certs": "/ca.pem", "ssl_check_hostname": False}
    assert found.options == tls
    assert found.of_sentinels == tls


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("localhost:6379", "begins with"),
        ("http://host", "begins with"),
        ("sentinel://h1/dvk", "begins with"),
        ("redis://h1:6379,h2:6379/0", "several hosts need sentinels"),
        ("redis+sentinel://h1:26379,h2:26379", "the name of the master"),
        ("redis+sentinel://h1/dvk/0", "the name of the master"),
        ("redis+sentinel://h1,/dvk", "sentinel 2 is no host:port"),
        ("redis+sentinel:///dvk", "sentinel 1 is no host:port"),
        ("redis+sentinel://h1:x/dvk", "sentinel 1 is no host:port"),
        ("redis+sentinel://h1:99999/dvk", "sentinel 1 is no host:port"),
        ("redis+sentinel://h1/dvk?db=one", "no such option db"),
        ("redis+sentinel://h1/dvk?timeout=3", "no such option timeout"),
        ("redis+sentinel://h1/dvk?ssl_ca_certs=/ca.pem", "no such option ssl_ca_certs"),
    ],
)
def test_another_form_is_refused_at_the_start_in_both_languages(url: str, reason: str) -> None:
    with pytest.raises(SystemExit) as refused:
        Settings.from_environment({"REDIS_URL": url})
    vietnamese, english = str(refused.value).split(" · ")
    assert vietnamese.startswith("REDIS_URL: ")
    assert reason in english


def test_a_refusal_and_a_representation_show_no_password() -> None:
    secret = "redis+sentinel://u:s3cret@h1/dvk?sentinel_password=s3cret"
    for wrong in (f"{secret}&x=s3cret", "redis+sentinel://u:s3cret/@h1/dvk"):
        with pytest.raises(SystemExit) as refused:
            Settings.from_environment({"REDIS_URL": wrong})
        assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(redis_address(secret))
