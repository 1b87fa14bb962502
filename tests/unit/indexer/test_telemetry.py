"""What CloudWatch is given to read."""

import io
import json
from typing import Any

import pytest

from lambda_indexer.telemetry import COUNT, SECONDS, Log, Metrics


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines written."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_what_is_said_and_what_holds_for_all() -> None:
    """Keys appended once are in every line after that."""
    stream = io.StringIO()
    log = Log("service", stream)
    log.append_keys(request_id="1")
    log.info("done", extra={"files": 2})
    log.warning("odd", extra={"key": {"not": {"JSON"}}})
    first, second = lines(stream)
    assert first.pop("timestamp").endswith("+00:00")
    assert first == {
        "level": "INFO",
        "message": "done",
        "service": "service",
        "request_id": "1",
        "files": 2,
    }
    assert (second["level"], second["key"]) == ("WARNING", {"not": "{'JSON'}"})


def test_an_error_says_where_it_came_from() -> None:
    """In one line, with its traceback."""
    stream = io.StringIO()
    try:
        int("wrong")
    except ValueError as error:
        Log("service", stream).error("failed", extra={}, exc_info=error)
    [line] = lines(stream)
    assert line["exception_name"] == "ValueError"
    assert "test_telemetry.py" in line["exception"]


def test_metrics_are_in_the_embedded_metric_format() -> None:
    """CloudWatch's specification of it: units beside the names, values at the top."""
    stream = io.StringIO()
    metrics = Metrics("namespace", "service", stream)
    metrics.add_metric("Files", COUNT, 2)
    metrics.add_metric("Files", COUNT, 3)
    metrics.add_metric("Age", SECONDS, 0.5)
    metrics.flush_metrics()
    metrics.flush_metrics()
    [line] = lines(stream)
    assert line.pop("_aws")["CloudWatchMetrics"] == [
        {
            "Namespace": "namespace",
            "Dimensions": [["service"]],
            "Metrics": [{"Name": "Files", "Unit": "Count"}, {"Name": "Age", "Unit": "Seconds"}],
        }
    ]
    assert line == {"service": "service", "Files": [2.0, 3.0], "Age": [0.5]}


def test_a_line_has_no_more_values_than_cloudwatch_takes() -> None:
    """A hundred of each metric; none is lost."""
    stream = io.StringIO()
    metrics = Metrics("namespace", "service", stream)
    for value in range(250):
        metrics.add_metric("Age", SECONDS, value)
    metrics.add_metric("Files", COUNT, 1)
    metrics.flush_metrics()
    first, *others = lines(stream)
    assert [len(line["Age"]) for line in (first, *others)] == [100, 100, 50]
    assert first["Files"] == [1.0]
    assert not any("Files" in line for line in others)


def test_both_go_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Which is a function's log."""
    Log("service").info("done", extra={})
    metrics = Metrics("namespace", "service")
    metrics.add_metric("Files", COUNT, 1)
    metrics.flush_metrics()
    assert len(capsys.readouterr().out.splitlines()) == 2
