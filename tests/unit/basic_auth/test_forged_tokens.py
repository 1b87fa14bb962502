"""The whole function with forged tokens: one row for each trick."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from basic_auth.credentials import Credentials
from basic_auth.errors import TokenError
from basic_auth.prefixes import EVERYTHING
from basic_auth.readers import Readers
from tests.fakes import Clock
from tests.unit.basic_auth.fakes import MemoryStore
from tests.unit.basic_auth.forging import (
    DIGEST_INFO,
    DOMAIN,
    ISSUER,
    KEYS_URL,
    ROLE,
    claims,
    encode,
    header,
    issuer,
    key,
    key_set,
    token,
    write,
)

NOW = Clock().now
SMALL = key("small", 1024)
STRANGER = key("stranger")
THREE = key("three", exponent=3)

KEYS = key_set(
    key().jwk(),
    SMALL.jwk(),
    THREE.jwk(),
    {"kty": "oct", "kid": "secret", "k": encode(b"secret"), "alg": "HS256"},
    {"kty": "EC", "kid": "curve", "crv": "P-384", "x": "AA", "y": "AA", "alg": "ES384"},
    key().jwk(kid="encryption", use="enc"),
    key().jwk(kid="another algorithm", alg="RS512"),
    key().jwk(kid="exponent 1", e="AQ"),
    key().jwk(kid="exponent 0", e="AA"),
    key().jwk(kid="even", e="AQAA"),
    key().jwk(kid="twice"),
    STRANGER.jwk(kid="twice"),
)


def readers(clock: Clock, **records: str) -> Readers:
    """Return the readers of an index that trusts one issuer."""
    store = MemoryStore({"issuers/aws": issuer(), **records})

    def fetch(url: str) -> bytes:
        assert url == KEYS_URL  # nothing that a token names is ever asked
        return KEYS

    return Readers(store, DOMAIN, fetch, clock)


def ask(text: str) -> object:
    """Return the prefixes for a token, or the reason for its rejection."""
    found = readers(Clock())
    try:
        return found.prefixes(Credentials("aws", text))
    except TokenError as error:
        return str(error)


def good() -> str:
    """Return a valid token."""
    return token(header(), claims(NOW))


def padded(*blocks: Callable[[bytes], bytes], signer: Any = None) -> list[str]:
    """Sign blocks with wrong RS256 padding, with the issuer's key."""
    signer = signer or key()
    head = write(header(kid=signer.key_id))
    message = f"{head}.{write(claims(NOW))}"
    digest = hashlib.sha256(message.encode()).digest()
    return [
        f"{message}.{encode(signer.raw(block(digest).rjust(signer.size, bytes(1))))}"
        for block in blocks
    ]


def fill(size: int, start: bytes, ending: bytes, by: bytes = b"\xff") -> bytes:
    """Return a block of a size."""
    return start + by * (size - len(start) - len(ending)) + ending


SIZE = key().size
SHA1_INFO = bytes.fromhex("3021300906052b0e03021a05000414")
NO_NULL = bytes.fromhex("302f300b06096086480165030402010420")  # without the NULL parameter


def no_signature(algorithm: str) -> str:
    """Return a token with the algorithm `none`."""
    return f"{write(header(alg=algorithm))}.{write(claims(NOW))}."


def hs256(secret: bytes) -> str:
    """Sign with HMAC and the public key."""
    message = f"{write(header(alg='HS256'))}.{write(claims(NOW))}"
    return f"{message}.{encode(hmac.digest(secret, message.encode(), 'sha256'))}"


def changed_signature(change: Callable[[bytes], bytes]) -> str:
    """Change the signature of a valid token."""
    message, _, signature = good().rpartition(".")
    return f"{message}.{encode(change(base64.urlsafe_b64decode(signature + '==')))}"


def spliced(**changes: Any) -> str:
    """Change the claims of a valid token, and keep its signature."""
    head, _, signature = good().split(".")
    return f"{head}.{write(claims(NOW, **changes))}.{signature}"


def plus_modulus(signature: bytes) -> bytes:
    """Return the same signature as a larger number, which is equal modulo n."""
    return (int.from_bytes(signature) + key().modulus).to_bytes(SIZE + 1)


def cube_root(block: int) -> int:
    """Return the largest integer whose cube is at most a number."""
    low, high = 0, 1 << (block.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= block else (low, middle - 1)
    return low


def bleichenbacher() -> str:
    """Forge a signature without a secret, for e = 3 (2006)."""
    message = f"{write(header(kid='three'))}.{write(claims(NOW))}"
    start = b"\0\1\xff\xff\0" + DIGEST_INFO + hashlib.sha256(message.encode()).digest()
    block = int.from_bytes(start + b"\xff" * (THREE.size - len(start)))
    root = cube_root(block)
    assert (root**3).to_bytes(THREE.size).startswith(start)  # the forgery is a good one
    return f"{message}.{encode(root.to_bytes(THREE.size))}"


# name, token, what the refusal says
TABLE: list[tuple[str, str, str]] = [
    # 1: length, and three parts
    ("too long", token(header(), claims(NOW, x="y" * 5000)), "longer than"),
    ("two dots and a long tail", f"{good()}{'A' * 6000}", "longer than"),
    ("a part is empty", f"eyJ{good()[3:].partition('.')[0]}..{'A' * 342}", "not JSON"),
    ("padding after the signature", f"{good()}==", "not base64url"),
    ("plain base64", good().replace("_", "/").replace("-", "+") + "/", "not base64url"),
    ("a line break", f"{good()}\n", "not base64url"),
    ("a space", good().replace(".", " .", 1), "not base64url"),
    ("another spelling of the last bits", good()[:-1] + chr(ord(good()[-1]) + 1), "not base64url"),
    ("not ASCII", good() + "\u0660", "not ASCII"),
    # 2: the header
    *((f"alg {alg}", no_signature(alg), "RS256") for alg in ("none", "None", "NONE", "nOnE", "")),
    ("HS256 with the modulus", hs256(key().modulus.to_bytes(SIZE)), "RS256"),
    ("HS256 with the key's JSON", hs256(json.dumps(key().jwk()).encode()), "RS256"),
    ("HS256 with n as it is written", hs256(key().jwk()["n"].encode()), "RS256"),
    ("rs256", token(header(alg="rs256"), claims(NOW)), "RS256"),
    ("RS256 with a space", token(header(alg="RS256 "), claims(NOW)), "RS256"),
    ("a list with RS256", token(header(alg=["RS256"]), claims(NOW)), "RS256"),
    ("no alg", token(header(alg=None), claims(NOW)), "RS256"),
    ("RS384", token(header(alg="RS384"), claims(NOW)), "RS256"),
    ("PS256", token(header(alg="PS256"), claims(NOW)), "RS256"),
    ("ES384", token(header(alg="ES384", kid="curve"), claims(NOW)), "RS256"),
    ("crit", token(header(crit=["exp"]), claims(NOW)), "critical"),
    ("crit empty", token(header(crit=[]), claims(NOW)), "critical"),
    ("crit null", token('{"alg":"RS256","kid":"one","crit":null}', claims(NOW)), "critical"),
    ("alg twice", token('{"alg":"none","kid":"one","alg":"RS256"}', claims(NOW)), "duplicate"),
    ("a list as the header", token([header()], claims(NOW)), "not base64url|JSON object"),
    ("nested too deep", token('{"x":' + "[" * 2500, claims(NOW)), "not JSON"),
    ("not UTF-8", token(b'{"alg":"RS256","x":"\xff"}', claims(NOW)), "not JSON"),
    ("UTF-16", token(json.dumps(header()).encode("utf-16"), claims(NOW)), "not JSON"),
    ("a byte order mark", token("\ufeff" + json.dumps(header()), claims(NOW)), "not JSON"),
    # 3: iss
    ("another issuer", token(header(), claims(NOW, iss="https://evil.example")), "not configured"),
    ("a slash more", token(header(), claims(NOW, iss=f"{ISSUER}/")), "not configured"),
    ("upper case", token(header(), claims(NOW, iss=ISSUER.upper())), "not configured"),
    ("a prefix", token(header(), claims(NOW, iss=ISSUER[:-1])), "not configured"),
    ("a list of issuers", token(header(), claims(NOW, iss=[ISSUER])), "no issuer"),
    ("no issuer", token(header(), claims(NOW, iss=None)), "no issuer"),
    ("http", token(header(), claims(NOW, iss=ISSUER.replace("s:", ":"))), "not configured"),
    # 4: kid, and the key
    ("unknown kid", token(header(kid="two"), claims(NOW)), "no such key"),
    ("a path", token(header(kid="../../dev/null"), claims(NOW)), "no such key"),
    ("an address", token(header(kid="https://evil.example/key"), claims(NOW)), "no such key"),
    ("SQL", token(header(kid="one' OR 1=1 --"), claims(NOW)), "no such key"),
    ("NUL", token(header(kid="one\0"), claims(NOW)), "no such key"),
    ("no kid", token(header(kid=None), claims(NOW)), "no key"),
    ("kid empty", token(header(kid=""), claims(NOW)), "no key"),
    ("kid a number", token(header(kid=1), claims(NOW)), "no key"),
    ("kid a list", token(header(kid=["one"]), claims(NOW)), "no key"),
    ("kid an object", token(header(kid={"one": 1}), claims(NOW)), "no key"),
    ("kid endless", token(header(kid="k" * 300), claims(NOW)), "no key"),
    ("a symmetric key", token(header(kid="secret"), claims(NOW)), "no such key"),
    ("a curve", token(header(kid="curve"), claims(NOW)), "no such key"),
    ("a key for encryption", token(header(kid="encryption"), claims(NOW)), "no such key"),
    ("a key for RS512", token(header(kid="another algorithm"), claims(NOW)), "no such key"),
    ("1024 bits", token(header(kid="small"), claims(NOW), SMALL), "no such key"),
    ("exponent 1", token(header(kid="exponent 1"), claims(NOW)), "no such key"),
    ("exponent 0", token(header(kid="exponent 0"), claims(NOW)), "no such key"),
    ("an even exponent", token(header(kid="even"), claims(NOW)), "no such key"),
    ("a kid of two keys", token(header(kid="twice"), claims(NOW)), "no such key"),
    ("another's key", token(header(), claims(NOW), STRANGER), "signature"),
    ("jwk in the header", token(header(jwk=STRANGER.jwk()), claims(NOW), STRANGER), "signature"),
    ("jku", token(header(jku="https://evil.example/"), claims(NOW), STRANGER), "signature"),
    ("x5u", token(header(x5u="https://evil.example/"), claims(NOW), STRANGER), "signature"),
    ("x5c", token(header(x5c=["AAAA"]), claims(NOW), STRANGER), "signature"),
    # 4: the signature
    ("no signature", good().rpartition(".")[0] + ".", "signature"),
    ("zero", changed_signature(lambda s: bytes(len(s))), "signature"),
    ("one", changed_signature(lambda s: bytes(len(s) - 1) + b"\1"), "signature"),
    ("one bit", changed_signature(lambda s: s[:-1] + bytes([s[-1] ^ 1])), "signature"),
    ("a byte more before", changed_signature(lambda s: b"\0" + s), "signature"),
    ("a byte more after", changed_signature(lambda s: s + b"\0"), "signature"),
    ("a byte less", changed_signature(lambda s: s[1:]), "signature"),
    ("a multiple", changed_signature(plus_modulus), "signature"),
    ("the modulus", changed_signature(lambda _: key().modulus.to_bytes(SIZE)), "signature"),
    ("n - s", changed_signature(
        lambda s: (key().modulus - int.from_bytes(s)).to_bytes(SIZE)), "signature"),
    ("other claims", spliced(sub="arn:aws:iam::123456789012:role/admin"), "signature"),
    ("a later end", spliced(exp=int(NOW) + 3601), "signature"),
    ("the header and claims swapped", ".".join(
        [good().split(".")[1], good().split(".")[0], good().split(".")[2]]), "RS256"),
    *((name, forged, "signature") for name, forged in zip(
        [
            "padding of zeros", "padding one byte short", "block type 2", "block type 0",
            "garbage after the digest", "garbage in the padding", "SHA-1's identifier",
            "no NULL parameter", "a bare digest", "a digest of zeros",
        ],
        padded(
            lambda d: fill(SIZE, b"\0\1", b"\0" + DIGEST_INFO + d, b"\0"),
            lambda d: fill(SIZE - 1, b"\0\1", b"\0" + DIGEST_INFO + d),
            lambda d: fill(SIZE, b"\0\2", b"\0" + DIGEST_INFO + d),
            lambda d: fill(SIZE, b"\0\0", b"\0" + DIGEST_INFO + d),
            lambda d: fill(SIZE, b"\0\1" + b"\xff" * 8 + b"\0" + DIGEST_INFO + d, b"", b"\x55"),
            lambda d: fill(SIZE, b"\0\1\xff\xfe", b"\0" + DIGEST_INFO + d),
            lambda d: fill(SIZE, b"\0\1", b"\0" + SHA1_INFO + d[:20]),
            lambda d: fill(SIZE, b"\0\1", b"\0" + NO_NULL + d),
            lambda d: fill(SIZE, b"\0\1", b"\0" + d),
            lambda _: fill(SIZE, b"\0\1", b"\0" + DIGEST_INFO + bytes(32)),
        ), strict=True)),
    ("Bleichenbacher's, for e = 3", bleichenbacher(), "signature"),
    # 5: aud
    *((f"audience {aud!r}", token(header(), claims(NOW, aud=aud)), "audience")
      for aud in [
          "other.example.com", [DOMAIN], [DOMAIN, "other"], {DOMAIN: 1}, None, "", True,
          DOMAIN.upper(), f"https://{DOMAIN}", f"{DOMAIN}.", f" {DOMAIN}", f"{DOMAIN}\0", "*",
          f"x{DOMAIN}", f"{DOMAIN}.evil.example",
      ]),
    ("aud twice", token(header(), json.dumps(claims(NOW))[:-1] + ',"aud":"x"}'), "duplicate"),
    # 6: iat, exp, nbf
    ("61 s ahead", token(header(), claims(NOW, iat=int(NOW) + 61, exp=int(NOW) + 90)), "not valid"),
    ("expires now", token(header(), claims(NOW, iat=int(NOW) - 9, exp=int(NOW))), "expired"),
    ("expired", token(header(), claims(NOW, iat=int(NOW) - 9, exp=int(NOW) - 1)), "expired"),
    ("3601 s", token(header(), claims(NOW, exp=int(NOW) + 3601)), "more than 3600"),
    ("3601 s from a minute ago", token(
        header(), claims(NOW, iat=int(NOW) - 60, exp=int(NOW) + 3541)), "more than 3600"),
    ("for ever", token(header(), claims(NOW, exp=10**400)), "more than 3600"),
    ("exp with a fraction", token(header(), claims(NOW, exp=NOW + 60.5)), "exp is not"),
    ("exp as text", token(header(), claims(NOW, exp=str(int(NOW) + 60))), "exp is not"),
    ("exp true", token(header(), claims(NOW, exp=True)), "exp is not"),
    ("exp infinite", token(header(), json.dumps(claims(NOW)).replace(
        f'"exp": {int(NOW) + 3600}', '"exp": Infinity')), "number"),
    ("exp 1e400", token(header(), json.dumps(claims(NOW)).replace(
        f'"exp": {int(NOW) + 3600}', '"exp": 1e400')), "exp is not"),
    ("exp with 5,000 digits", token(header(), json.dumps(claims(NOW)).replace(
        f'"exp": {int(NOW) + 3600}', f'"exp": {"9" * 4400}')), "not JSON|longer than"),
    ("no exp", token(header(), claims(NOW, exp=None)), "exp is not"),
    ("no iat", token(header(), claims(NOW, iat=None)), "iat is not"),
    ("iat below zero", token(header(), claims(NOW, iat=-1)), "iat is not"),
    ("iat a list", token(header(), claims(NOW, iat=[int(NOW)])), "iat is not"),
    ("nbf ahead", token(header(), claims(NOW, nbf=int(NOW) + 61)), "not valid"),
    ("nbf as text", token(header(), claims(NOW, nbf="0")), "nbf is not"),
    # 7: sub
    ("no subject", token(header(), claims(NOW, sub=None)), "no subject"),
    ("a list of subjects", token(header(), claims(NOW, sub=[ROLE])), "no subject"),
    ("an endless subject", token(header(), claims(NOW, sub="s" * 2049)), "no subject"),
    ("an empty subject", token(header(), claims(NOW, sub="")), "no subject"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "why"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_forged_token_opens_nothing(
    text: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is rejected for the reason in the table, without being quoted."""
    with caplog.at_level(logging.DEBUG):
        found = ask(text)

    assert found is None or isinstance(found, str)
    if why and found is not None:
        assert any(part in found for part in why.split("|")), found
    for part in [*text.split("."), ROLE]:
        assert len(part) < 12 or part[:12] not in str(found) + caplog.text


def test_names_are_told_apart() -> None:
    """No two rows are the same token, apart from random padding."""
    assert len({row[1] for row in TABLE}) == len({row[0] for row in TABLE}) == len(TABLE)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"iat": int(NOW) + 60, "exp": int(NOW) + 61},
        {"iat": int(NOW) - 3599, "exp": int(NOW) + 1},
        {"nbf": int(NOW) + 60},
        {"nbf": 0},
        {"https://sts.amazonaws.com/": {"aws_account": "123456789012", "x": [[1.5, None]]}},
    ],
)
def test_a_right_token_is_right(changes: dict[str, Any]) -> None:
    """At both edges of the clock, and whatever else is in it."""
    assert ask(token(header(), claims(NOW, **changes))) == EVERYTHING


@pytest.mark.parametrize("head", [{"typ": None}, {"typ": "x"}, {"jku": "https://evil.example/"}])
def test_the_rest_of_the_header_is_of_no_matter(head: dict[str, Any]) -> None:
    """Other header members, such as key URLs, are ignored."""
    assert ask(token(header(**head), claims(NOW))) == EVERYTHING


def test_every_size_of_key() -> None:
    """Keys of any number of bits and larger keys are supported."""
    for bits in (2048, 2049, 2055, 3072, 4096):
        signer = key(f"{bits}", bits)
        store = MemoryStore({"issuers/aws": issuer()})
        found = Readers(store, DOMAIN, lambda _, s=signer: key_set(s.jwk()), Clock())  # type: ignore[misc]
        text = token(header(kid=f"{bits}"), claims(NOW), signer)
        assert found.prefixes(Credentials("aws", text)) == EVERYTHING


@pytest.mark.parametrize("user", ["AWS", "alice", "", "aws ", "issuers/aws"])
def test_only_one_user_has_tokens(user: str) -> None:
    """As the password of another user, a token is a wrong password."""
    assert readers(Clock()).prefixes(Credentials(user, good())) is None


@pytest.mark.parametrize("password", ["", "secret", "eyJ", "a.b.c", "eyJ.b", "eyJ.b.c.d"])
def test_a_password_of_that_user_is_checked_as_one(password: str) -> None:
    """Other passwords of the user `aws` are checked as usual."""
    assert readers(Clock()).prefixes(Credentials("aws", password)) is None
