import pytest

from s3pypi.aws.put_args import parse_put_args
from s3pypi.errors import UsageError


def test_values_have_the_types_of_the_model() -> None:
    """Values are parsed as the types in S3's service model."""
    args = parse_put_args(
        "ACL=public-read,ServerSideEncryption=aws:kms,BucketKeyEnabled=True,"
        "ObjectLockEventHoldDurationDays=3,Expires=2030-01-01,Tagging=a=1&b=2"
    )
    assert args == {
        "ACL": "public-read",
        "ServerSideEncryption": "aws:kms",
        "BucketKeyEnabled": True,
        "ObjectLockEventHoldDurationDays": 3,
        "Expires": "2030-01-01",
        "Tagging": "a=1&b=2",
    }


def test_comma_in_a_value() -> None:
    """A comma only separates arguments if a name follows."""
    assert parse_put_args("CacheControl=public, max-age=60, immutable, ACL=private") == {
        "CacheControl": "public, max-age=60, immutable",
        "ACL": "private",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("acl=private", "no parameter 'acl'; did you mean ACL"),
        ("Nonsense=1", "no parameter 'Nonsense'$"),
        ("ACL", "write Name=value, not 'ACL'"),
        (",", "write Name=value"),
        ("ACL=a,ACL=b", "ACL is given twice"),
        ("BucketKeyEnabled=yes", "must be of type boolean"),
        ("ObjectLockEventHoldDurationDays=x", "must be of type integer"),
        ("Expires=soon", "must be of type timestamp"),
        ("Metadata=a=b", "must be of type map"),
        *(
            (f"{name}=x", "s3pypi sets")
            for name in (
                "Body",
                "Bucket",
                "Key",
                "IfNoneMatch",
                "IfMatch",
                "ChecksumSHA256",
                "ChecksumAlgorithm",
                "ContentMD5",
                "ContentEncoding",
                "ContentLength",
                "WriteOffsetBytes",
            )
        ),
    ],
)
def test_refused(text: str, message: str) -> None:
    """Unknown and reserved parameters are refused by name."""
    with pytest.raises(UsageError, match=message):
        parse_put_args(text)
