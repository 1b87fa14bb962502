"""Checks of responses from CloudFront."""

import time

from scripts.smoke.check import Check, SmokeError, expect
from scripts.smoke.pages import JSON, appears
from scripts.smoke.samples import wheel
from scripts.smoke.world import World

_PLUS = wheel("smoke_edge", "1.0+plus")


def page_forms(world: World) -> str:
    """Check the HTML and JSON forms of a page, and their headers."""
    filename, content = _PLUS
    world.put(f"smoke-edge/{filename}", content)
    appears(world, "smoke-edge", filename)
    html, document = world.get("smoke-edge/"), world.get("smoke-edge/", Accept=JSON)
    expect(html.headers["content-type"], "text/html; charset=utf-8", "Content-Type of HTML")
    expect(document.headers["content-type"], JSON, "Content-Type of JSON")
    for page in (html, document):
        vary = {each.strip().lower() for each in page.headers.get("vary", "").split(",")}
        if "accept" not in vary:
            raise SmokeError(f"Vary is {page.headers.get('vary')!r}, but must contain Accept")
    if not html.headers.get("content-security-policy"):
        raise SmokeError("the HTML page has no Content-Security-Policy")
    return f"HTML and JSON, Vary: {html.headers['vary']}"


def not_modified(world: World) -> str:
    """Check the response to a request for a page with its current ETag."""
    etag = world.get("smoke-edge/", Accept=JSON).headers["etag"]
    answer = world.get("smoke-edge/", Accept=JSON, If_None_Match=etag)
    expect(answer.status, 304, "If-None-Match of the page's ETag")
    return f"304, Vary: {answer.headers.get('vary', 'none')}"


def compression(world: World) -> str:
    """Check that pages are compressed on request, and files never."""
    page = world.get("smoke-timed/", Accept=JSON, Accept_Encoding="gzip")
    filename, content = _PLUS
    file = world.get(f"smoke-edge/{filename.replace('+', '%2B')}", Accept_Encoding="gzip")
    expect(file.headers.get("content-encoding"), None, "Content-Encoding of a file")
    expect(len(file.body), len(content), "bytes of the file")
    coding = page.headers.get("content-encoding", "none")
    return f"page of {len(page.body)} bytes: {coding}; file: none"


def plus_signs(world: World) -> str:
    """Check that paths work with a plus sign as `+` and as `%2B`."""
    filename, content = _PLUS
    spellings = (filename, filename.replace("+", "%2B"))
    for spelling in spellings:
        answer = world.get(f"smoke-edge/{spelling}")
        expect((answer.status, len(answer.body)), (200, len(content)), spelling)
    return "200 for + and for %2B"


def ranges(world: World) -> str:
    """Check a request for the first bytes of a file."""
    filename, content = _PLUS
    answer = world.get(f"smoke-edge/{filename.replace('+', '%2B')}", Range="bytes=0-3")
    expect((answer.status, answer.body), (206, content[:4]), "the first four bytes")
    return "206"


def redirects(world: World) -> str:
    """Check the redirects from a project's URL without its slash, and in another spelling."""
    seen = {}
    for path in ("smoke-edge", "Smoke_Edge/"):
        answer = world.get(path)
        expect(answer.status, 301, path)
        seen[path] = answer.headers["location"]
        expect(seen[path], f"/{world.prefix}/smoke-edge/", f"Location for {path}")
    return "301 to /smoke-edge/"


def no_listing(world: World) -> str:
    """Check that requests to the domain cannot list the bucket."""
    seen = []
    for path in ("/", "/?list-type=2", f"/{world.prefix}/?list-type=2", "/?prefix=a&delimiter=/"):
        answer = world.ask(path)
        if b"ListBucketResult" in answer.body:
            raise SmokeError(f"{path} lists the bucket")
        seen.append(str(answer.status))
    return ", ".join(seen)


def absent_then_present(world: World) -> str:
    """Check that a project is available right after its upload if it was requested before."""
    filename, content = wheel("smoke_late", "1.0")
    paths = ("smoke-late/", f"smoke-late/{filename}")
    expect([world.get(path).status for path in paths], [404, 404], "before the upload")
    world.put(f"smoke-late/{filename}", content)
    key = f"{world.prefix}/smoke-late/index.json"

    def is_written() -> bool:
        found = world.s3.list_objects_v2(Bucket=world.stack.bucket, Prefix=key)
        return bool(found.get("KeyCount"))

    # Requests to CloudFront meanwhile would only test how long it caches another 404.
    world.until(is_written, "the page is in the bucket")
    time.sleep(1)  # the HTML page is written after the JSON page
    expect([world.get(path).status for path in paths], [200, 200], "right after the upload")
    return "404, then 200"


def error_pages(world: World) -> str:
    """Check the error page for a missing project, its status, and the response to a POST."""
    answer = world.get("smoke-never/")
    expect(answer.status, 404, "a missing project")
    expect(answer.body[:8], b"<!-- 404", "the beginning of its page")
    refusal = world.ask("/", "POST", Accept="text/plain")
    expect(refusal.status, 405, "a POST")
    expect(refusal.headers["content-type"], "text/plain; charset=utf-8", "Content-Type of its text")
    return f"404, Cache-Control: {answer.headers.get('cache-control', 'none')}; 405"


def invalidation(world: World) -> str:
    """Check how paths with special characters must be escaped in an invalidation."""
    cloudfront = world.client("cloudfront", "us-east-1")
    names = {"plain.txt": "plain.txt", "plus+.txt": "plus%2B.txt", "bang!.txt": "bang%21.txt"}
    worked = []
    for raw, escaped in names.items():
        for spelling in dict.fromkeys((raw, escaped)):
            path = f"/{world.prefix}/invalidation/{spelling}"
            cache = "public, max-age=31536000"
            world.put(f"invalidation/{raw}", b"old", CacheControl=cache)
            world.ask(f"/{world.prefix}/invalidation/{escaped}")
            world.put(f"invalidation/{raw}", b"new", CacheControl=cache)
            made = cloudfront.create_invalidation(
                DistributionId=world.stack.distribution_id,
                InvalidationBatch={
                    "Paths": {"Quantity": 1, "Items": [path]},
                    "CallerReference": f"{world.prefix}-{spelling}-{time.time()}",
                },
            )["Invalidation"]["Id"]
            cloudfront.get_waiter("invalidation_completed").wait(
                DistributionId=world.stack.distribution_id, Id=made
            )
            body = world.ask(f"/{world.prefix}/invalidation/{escaped}").body
            worked.append(f"{spelling}: {'yes' if body == b'new' else 'no'}")
    if "plain.txt: no" in worked:
        raise SmokeError("an invalidated file is still served: " + ", ".join(worked))
    return ", ".join(worked)


CHECKS = (
    Check("edge: pages in both forms", page_forms),
    Check("edge: 304", not_modified),
    Check("edge: compression", compression),
    Check("edge: plus signs", plus_signs),
    Check("edge: ranges", ranges),
    Check("edge: redirects", redirects),
    Check("edge: no listing", no_listing),
    Check("edge: 404, upload, 200", absent_then_present),
    Check("edge: error pages", error_pages),
    Check("edge: invalidation", invalidation, aws_only=True),
)
