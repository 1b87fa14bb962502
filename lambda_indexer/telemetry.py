"""Structured lines and metrics, in the forms that CloudWatch reads from a function's output.

The metrics are in its embedded metric format. Powertools for AWS Lambda would write both as well,
and bring more code into every cold start than all of ours.
"""

import json
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

COUNT: Final = "Count"
SECONDS: Final = "Seconds"
"""The units, as CloudWatch names them."""

_MOST_VALUES: Final = 100  # of one metric in one line


class Log:
    """Writes a line of JSON for each thing said.

    Args:
        service: in every line.
        stream: where to; by default standard output.
    """

    def __init__(self, service: str, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._keys: dict[str, Any] = {"service": service}

    def append_keys(self, **keys: str) -> None:
        """Say these in every line from now on."""
        self._keys |= keys

    def info(self, message: str, *, extra: Mapping[str, Any]) -> None:
        """Say what was done."""
        self._write("INFO", message, extra)

    def warning(self, message: str, *, extra: Mapping[str, Any]) -> None:
        """Say what somebody should look at some time."""
        self._write("WARNING", message, extra)

    def error(
        self, message: str, *, extra: Mapping[str, Any], exc_info: BaseException | None = None
    ) -> None:
        """Say what went wrong, with the exception if there is one."""
        if exc_info is not None:
            lines = "".join(traceback.format_exception(exc_info))
            extra = {**extra, "exception": lines, "exception_name": type(exc_info).__name__}
        self._write("ERROR", message, extra)

    def _write(self, level: str, message: str, extra: Mapping[str, Any]) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"level": level, "message": message, "timestamp": now, **self._keys, **extra}
        print(json.dumps(line, default=str), file=self._stream or sys.stdout, flush=True)


class Metrics:
    """Collects metrics, and writes them when it is flushed.

    Args:
        namespace: of CloudWatch.
        service: the one dimension.
        stream: where to; by default standard output.
    """

    def __init__(self, namespace: str, service: str, stream: TextIO | None = None) -> None:
        self._namespace, self._service, self._stream = namespace, service, stream
        self.values: defaultdict[tuple[str, str], list[float]] = defaultdict(list)

    def add_metric(self, name: str, unit: str, value: float) -> None:
        """Add a value to a metric."""
        self.values[name, unit].append(float(value))

    def flush_metrics(self) -> None:
        """Write what there is and forget it; no line when there is nothing."""
        for metrics in self._lines():
            told = [{"Name": name, "Unit": unit} for name, unit in metrics]
            head = {"Namespace": self._namespace, "Dimensions": [["service"]], "Metrics": told}
            line = {
                "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [head]},
                "service": self._service,
                **{name: values for (name, _), values in metrics.items()},
            }
            print(json.dumps(line), file=self._stream or sys.stdout, flush=True)
        self.values.clear()

    def _lines(self) -> Iterator[dict[tuple[str, str], list[float]]]:
        """As many lines as it takes for no metric to have too many values in one."""
        longest = max(map(len, self.values.values()), default=0)
        for start in range(0, longest, _MOST_VALUES):
            end = start + _MOST_VALUES
            yield {key: some for key, all_ in self.values.items() if (some := all_[start:end])}
