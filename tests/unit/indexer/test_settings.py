"""Settings from environment variables."""

import pytest

from lambda_indexer.errors import SettingsError
from lambda_indexer.settings import Settings

TABLE = {"S3PYPI_LOCKS_TABLE": "locks"}


def test_defaults() -> None:
    """Only the table is required."""
    assert Settings.from_environment(TABLE) == Settings(locks_table="locks")


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    """Terraform may set empty variables."""
    given = {**TABLE, "S3PYPI_INDEX_HTML": "", "S3PYPI_MAX_WAIT": "", "S3PYPI_PREFIXES": ""}
    assert Settings.from_environment(given) == Settings(locks_table="locks")


def test_all_of_them() -> None:
    """Each variable sets its setting."""
    given = {
        **TABLE,
        "S3PYPI_QUEUE_URL": "https://queue",
        "S3PYPI_DLQ_URL": "https://dead",
        "S3PYPI_DISTRIBUTION_ID": "EDFDVBD6EXAMPLE",
        "S3PYPI_INDEX_HTML": "True",
        "S3PYPI_PREFIXES": "team, other/stable",
        "S3PYPI_MAX_WAIT": "1.5",
        "S3PYPI_LEASE_MARGIN": "20",
        "S3PYPI_PARALLEL_PROJECTS": "2",
        "S3PYPI_PARALLEL_FILES": "3",
        "S3PYPI_PUT_ARGS": '{"ServerSideEncryption": "aws:kms", "BucketKeyEnabled": "true"}',
        "S3PYPI_UPSTREAM": "https://packages.example/simple/",
        "S3PYPI_DOMAIN": "pypi.example.com",
        "S3PYPI_SERVICE": "example-indexer",
    }
    urls = ("https://queue", "https://dead")
    args: dict[str, str | bool] = {"ServerSideEncryption": "aws:kms", "BucketKeyEnabled": True}
    expected = Settings(
        "locks",
        *urls,
        "EDFDVBD6EXAMPLE",
        index_html=True,
        prefixes=frozenset({"team/", "other/stable/"}),
        max_wait=1.5,
        lease_margin=20,
        parallel_projects=2,
        parallel_files=3,
        put_args=args,
        upstream="https://packages.example/simple/",
        domain="pypi.example.com",
        service="example-indexer",
    )
    assert Settings.from_environment(given) == expected


def test_a_single_instance_needs_no_table() -> None:
    """Locking can only be disabled explicitly."""
    given = {"S3PYPI_SINGLE_INSTANCE": "true"}
    assert Settings.from_environment(given) == Settings(single_instance=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "S3PYPI_LOCKS_TABLE is not set"),
        ({"S3PYPI_LOCKS_TABLE": ""}, "S3PYPI_LOCKS_TABLE is not set"),
        ({**TABLE, "S3PYPI_INDEX_HTML": "perhaps"}, "S3PYPI_INDEX_HTML is 'perhaps'"),
        ({**TABLE, "S3PYPI_MAX_WAIT": "-1"}, "S3PYPI_MAX_WAIT is '-1'"),
        ({**TABLE, "S3PYPI_MAX_WAIT": "nan"}, "S3PYPI_MAX_WAIT is 'nan'"),
        ({**TABLE, "S3PYPI_LEASE_MARGIN": "soon"}, "S3PYPI_LEASE_MARGIN is 'soon'"),
        ({**TABLE, "S3PYPI_PARALLEL_FILES": "0"}, "S3PYPI_PARALLEL_FILES is '0'"),
        ({**TABLE, "S3PYPI_SINGLE_INSTANCE": "true"}, "are both set"),
        ({**TABLE, "S3PYPI_PREFIXES": "Team_A"}, "S3PYPI_PREFIXES has 'Team_A/'"),
        ({**TABLE, "S3PYPI_PREFIXES": "team,other/Stable"}, "has 'other/Stable/'"),
        ({**TABLE, "S3PYPI_PREFIXES": "team/"}, "has 'team//'"),
        ({**TABLE, "S3PYPI_PREFIXES": "/team"}, "has '/team/'"),
        ({**TABLE, "S3PYPI_PREFIXES": "team//stable"}, "has 'team//stable/'"),
        ({**TABLE, "S3PYPI_PREFIXES": "../team"}, "has '../team/'"),
        ({**TABLE, "S3PYPI_PREFIXES": "team, ,other"}, "S3PYPI_PREFIXES has '/'"),
        ({**TABLE, "S3PYPI_PUT_ARGS": "ACL=private"}, "S3PYPI_PUT_ARGS is 'ACL=private'"),
        ({**TABLE, "S3PYPI_PUT_ARGS": '["ACL"]'}, "a JSON object of strings"),
        ({**TABLE, "S3PYPI_PUT_ARGS": '{"BucketKeyEnabled": true}'}, "a JSON object of strings"),
        ({**TABLE, "S3PYPI_PUT_ARGS": '{"CacheControl": "no-store"}'}, "has 'CacheControl'"),
        ({**TABLE, "S3PYPI_PUT_ARGS": '{"BucketKeyEnabled": "so"}'}, "BucketKeyEnabled is 'so'"),
    ],
)
def test_wrong_settings_are_named(given: dict[str, str], said: str) -> None:
    """The error contains the variable and its value."""
    with pytest.raises(SettingsError, match=said):
        Settings.from_environment(given)


def test_a_trailing_comma_declares_no_prefix() -> None:
    """The bucket's root is always an index."""
    given = {**TABLE, "S3PYPI_PREFIXES": "team,,other,"}
    assert Settings.from_environment(given).prefixes == {"team/", "other/"}
