"""Compare the index's verdict on odd files with that of pip and uv."""

import contextlib
import io
import platform
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import is_distribution, version_in
from s3pypi.distributions.verification import read_metadata, verify
from tests.installers import judges
from tests.installers.cases import Case, content_for, odd_filename, odd_metadata, odd_wheel
from tests.installers.differences import LOOSER, STRICTER

_PYTHON = Version(platform.python_version())


@dataclass(frozen=True)
class Verdicts:
    """The verdicts on a file.

    Attributes:
        case: the file.
        refusal: why the index does not offer it, None if it does.
        pip: whether pip would install it.
        uv: whether uv would.
    """

    case: Case
    refusal: str | None
    pip: bool
    uv: bool

    @property
    def difference(self) -> str | None:
        """Return the name of a known difference, "?" for an unknown one, None for none."""
        if (self.refusal is None) == (self.pip and self.uv):
            return None
        known = LOOSER if self.refusal is None else STRICTER
        said = self.case.content.decode("latin-1") if self.refusal is None else self.refusal
        text = f"{self.case.filename}\n{said}"
        return next((name for name, (sign, _) in known.items() if re.search(sign, text)), "?")

    def __str__(self) -> str:
        index = "offered" if self.refusal is None else f"refused ({self.refusal})"
        said = f"{index}, pip {'yes' if self.pip else 'no'}, uv {'yes' if self.uv else 'no'}"
        return f"{self.case.kind} {self.case.filename!r}: {said}"


def refusal(case: Case) -> str | None:
    """Return why the index would not offer a file; None if it would."""
    try:
        if not is_distribution(case.filename):
            return "not a distribution"
        version_in(case.filename, case.project)
        metadata = read_metadata(io.BytesIO(case.content), case.filename, case.project)
        verify(metadata, case.filename, case.project)
    except InvalidDistributionError as error:
        return str(error)
    return None


def compare_names(random: Random, count: int, directory: Path) -> list[Verdicts]:
    """Judge odd filenames of proper files."""
    directory.mkdir()
    cases: dict[str, Case] = {}
    pip: dict[str, str | None] = {}
    for number in range(count):
        project, filename = odd_filename(random, number)
        if not 0 < len(filename.encode()) <= 255 or "/" in filename or "\0" in filename:
            continue
        version = judges.pip_version(filename, project)
        if version == "?":
            continue  # nobody could tell whether uv dislikes the name or the machine
        with contextlib.suppress(InvalidDistributionError):
            version = str(version_in(filename, project))
        content = content_for(filename, project, version or "1.0")
        cases[project] = Case(project, filename, content, "name")
        pip[project] = judges.pip_version(filename, project)
        judges.put(directory, project, filename, content)
    uv = judges.uv_versions(directory, list(cases), pages=True)
    return [
        Verdicts(case, refusal(case), pip[name] is not None, uv.get(name) != judges.FALLBACK)
        for name, case in cases.items()
    ]


def compare_metadata(random: Random, count: int, directory: Path) -> list[Verdicts]:
    """Judge wheels with odd METADATA."""
    directory.mkdir()
    cases = {}
    for number in range(count):
        case = odd_metadata(random, number)
        if not _for_another_python(case.content):
            cases[case.project] = case
            judges.put(directory, case.project, case.filename, case.content)
    uv = judges.uv_versions(directory, list(cases), pages=False)
    return [
        Verdicts(
            case,
            refusal(case),
            judges.pip_installs(case.content, case.project, Version("1.0")),
            uv.get(name) != judges.FALLBACK,
        )
        for name, case in cases.items()
    ]


def compare_wheels(random: Random, count: int, directory: Path, *, refused: int) -> list[Verdicts]:
    """Judge damaged wheels; uv only judges some of those that the index refuses."""
    directory.mkdir()
    offered: list[Case] = []
    others: list[Case] = []
    for number in range(count):
        case = odd_wheel(random, number)
        (directory / case.filename).write_bytes(case.content)
        (others if refusal(case) else offered).append(case)
    asked = [*offered, *others[:refused]]
    paths = [directory / case.filename for case in asked]
    middle = len(offered)
    installed = judges.uv_installs(paths[:middle], directory / "offered")
    for path in paths[middle:]:
        installed |= judges.uv_installs([path], directory / "others")
    return [
        Verdicts(
            case,
            refusal(case),
            judges.pip_installs(case.content, case.project, Version("1.0")),
            path in installed,
        )
        for case, path in zip(asked, paths, strict=True)
    ]


def report(verdicts: Sequence[Verdicts]) -> tuple[Counter[str], list[str]]:
    """Count the known differences, and describe the others."""
    known: Counter[str] = Counter()
    unknown = []
    for one in verdicts:
        if one.difference == "?":
            unknown.append(str(one))
        elif one.difference:
            known[one.difference] += 1
    return known, unknown


def _for_another_python(content: bytes) -> bool:
    """Return whether a wheel is for other Pythons than this one."""
    found = re.search(rb"Requires-Python: ([^\r\n]*)", content)
    value = re.sub("['\"]", "", found[1].decode("latin-1") if found else "")
    if re.search("[0-9]!", value):
        return True
    for text in re.findall(r"[<>=!~]+[^,<>=!~]*", value):
        try:
            specifier = text.replace(".*", "") if text[0] in "<>" else text
            if _PYTHON not in SpecifierSet(specifier):
                return True
        except (InvalidSpecifier, InvalidVersion):
            continue
    return False
