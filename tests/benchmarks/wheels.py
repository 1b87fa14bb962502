"""Create small valid wheels, which are the same in each run."""

from pathlib import Path

from tests.factories import wheel


def make_wheels(directory: Path, projects: int, each: int) -> list[Path]:
    """Write wheels into a directory.

    Args:
        directory: Made as needed.
        projects: How many projects.
        each: How many wheels of each.

    Returns:
        Their paths.
    """
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for project in range(projects):
        for version in range(each):
            made = wheel(f"project-{project}", f"{version}.0", "Requires-Python: >=3.9")
            path = directory / made.filename
            path.write_bytes(made.content)
            paths.append(path)
    return paths
