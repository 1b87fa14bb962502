"""The mutants by part: plausible mistakes in critical code."""

from tests.mutation.mutants import (
    events,
    locks,
    pages,
    reading,
    regeneration,
    roots,
    uploaders,
    uploads,
    whole_index,
)

MUTANTS = (
    *pages.MUTANTS,
    *reading.MUTANTS,
    *regeneration.MUTANTS,
    *roots.MUTANTS,
    *uploaders.MUTANTS,
    *whole_index.MUTANTS,
    *events.MUTANTS,
    *locks.MUTANTS,
    *uploads.MUTANTS,
)
