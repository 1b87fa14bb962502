"""Checks of scheduled work, users and failed messages."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from secrets import token_urlsafe

from basic_auth.parameters import ParameterStore
from basic_auth.users import put_user
from scripts.smoke.check import Check, NotHereError, SmokeError, expect
from scripts.smoke.world import World

MINUTE = 60.0
"""Seconds within which changes of users take effect, as documented in docs/users.md."""


def _rule(world: World) -> tuple[str, str]:
    """Return the name of the rule that invokes the function, and the input it sends."""
    events = world.client("events")
    function = world.client("lambda").get_function_configuration(
        FunctionName=world.stack.function_name
    )["FunctionArn"]
    names = events.list_rule_names_by_target(TargetArn=function)["RuleNames"]
    if not names:
        raise NotHereError("no rule invokes the function: schedule is null")
    targets = events.list_targets_by_rule(Rule=names[0])["Targets"]
    return names[0], " and ".join(sorted(each["Input"] for each in targets))


def schedule(world: World) -> str:
    """Check that EventBridge may invoke the function, and has done so without failures."""
    name, sent = _rule(world)
    policy = json.loads(
        world.client("lambda").get_policy(FunctionName=world.stack.function_name)["Policy"]
    )
    conditions = [
        each.get("Condition", {})
        for each in policy["Statement"]
        if each["Principal"] == {"Service": "events.amazonaws.com"}
    ]
    if any("SourceAccount" in json.dumps(each) for each in conditions) or not conditions:
        raise SmokeError(f"EventBridge may not invoke the function: {conditions}")
    totals = {}
    for metric in ("Invocations", "FailedInvocations"):
        points = world.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Events",
            MetricName=metric,
            Dimensions=[{"Name": "RuleName", "Value": name}],
            StartTime=datetime.now(UTC) - timedelta(days=2),
            EndTime=datetime.now(UTC),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        totals[metric] = int(sum(each["Sum"] for each in points))
    expect(totals["FailedInvocations"], 0, "FailedInvocations")
    return f"sends {sent}; {totals['Invocations']} invocations in two days, none failed"


def drift(world: World) -> str:
    """Check that a comparison of the index is reported as a metric."""
    function = world.client("lambda")
    begun = datetime.now(UTC) - timedelta(minutes=5)
    asked = {"command": "verify", "bucket": world.stack.bucket}
    answer = function.invoke(FunctionName=world.stack.function_name, Payload=json.dumps(asked))
    survey = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise SmokeError(f"verify failed: {survey}")

    def has_arrived() -> bool:
        return bool(
            world.client("cloudwatch").get_metric_statistics(
                Namespace="s3pypi",
                MetricName="Differences",
                Dimensions=[{"Name": "service", "Value": world.stack.function_name}],
                StartTime=begun,
                EndTime=datetime.now(UTC) + timedelta(minutes=1),
                Period=60,
                Statistics=["Maximum"],
            )["Datapoints"]
        )

    seconds = world.until(has_arrived, "the metric Differences", 10 * MINUTE)
    return f"{survey['count']} differences; the metric arrived after {seconds:.0f} s"


def users(world: World) -> str:
    """Check that adding, changing and removing a user takes effect within a minute."""
    if world.stack.basic_auth_function is None:
        raise NotHereError("enable_basic_auth is false")
    store = ParameterStore(world.client("ssm", "us-east-1"), world.stack.domain)
    user, first, second = world.prefix, token_urlsafe(24), token_urlsafe(24)

    def admits(password: str) -> bool:
        reader = replace(world, login=f"{user}:{password}")
        return reader.ask(f"/{world.prefix}/").status != HTTPStatus.UNAUTHORIZED

    if admits(first):
        raise SmokeError("a request was allowed before the user existed")
    put_user(store, user, first)
    try:
        added = world.until(lambda: admits(first), "a new user is allowed", MINUTE)
        put_user(store, user, second, overwrite=True)
        changed = world.until(lambda: not admits(first), "the old password is refused", MINUTE)
        if not admits(second):
            raise SmokeError("the new password is refused")
    finally:
        store.delete(user)
    removed = world.until(lambda: not admits(second), "a removed user is refused", MINUTE)
    return (
        f"added after {added:.0f} s, changed after {changed:.0f} s, removed after {removed:.0f} s"
    )


def dead_letters(world: World) -> str:
    """Check that an invalid message ends in the dead-letter queue, and delete it there."""
    sqs = world.client("sqs")
    arn = world.stack.dlq_arn.split(":")
    dlq = sqs.get_queue_url(QueueName=arn[-1], QueueOwnerAWSAccountId=arn[-2])["QueueUrl"]
    attributes = sqs.get_queue_attributes(
        QueueUrl=world.stack.queue_url, AttributeNames=["RedrivePolicy", "VisibilityTimeout"]
    )["Attributes"]
    redrive = json.loads(attributes["RedrivePolicy"])
    expect(redrive["deadLetterTargetArn"], world.stack.dlq_arn, "dead-letter queue")
    tries = int(redrive["maxReceiveCount"])
    # A failed message becomes visible again after the queue's visibility timeout.
    limit = tries * (int(attributes["VisibilityTimeout"]) + 30)
    poison = json.dumps({"poison": world.prefix})
    sqs.send_message(QueueUrl=world.stack.queue_url, MessageBody=poison)

    def arrived() -> bool:
        found = sqs.receive_message(
            QueueUrl=dlq, MaxNumberOfMessages=10, VisibilityTimeout=5, WaitTimeSeconds=1
        ).get("Messages", [])
        for each in found:
            if each["Body"] == poison:
                sqs.delete_message(QueueUrl=dlq, ReceiptHandle=each["ReceiptHandle"])
                return True
        return False

    seconds = world.until(arrived, f"the message arrives after {tries} tries", limit)
    return f"an invalid message arrived after {seconds:.0f} s, and was deleted"


CHECKS = (
    Check("operation: schedule", schedule, aws_only=True),
    Check("operation: drift metric", drift, aws_only=True),
    Check("operation: users", users),
    Check("operation: dead letters", dead_letters),
)
