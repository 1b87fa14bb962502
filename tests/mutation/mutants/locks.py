"""Mistakes in the leases and their tables."""

from tests.mutation.mutant import mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/locks/lease.py",
        ("indexer/test_lease", "indexer/test_root"),
        [
            (
                "the run under way covers",
                "if before.completed > since:",
                "if before.completed >= since:",
            ),
            (
                "a dead holder is trusted",
                "before.owner is not None or before.dirty is not None",
                "before.dirty is not None",
            ),
            (
                "a failed run is trusted",
                "before.owner is not None or before.dirty is not None",
                "before.owner is not None",
            ),
            (
                "a lease that was lost is not noticed",
                "        if not released:\n",
                "        if False:\n",
            ),
            (
                "a failed release keeps the lease",
                "self._abandon(lock_id, owner, lease.run, error)\n            raise\n        if",
                "raise\n        if",
            ),
            (
                "an acquisition without an answer keeps the lease",
                "            self._abandon(lock_id, owner, None, error)\n",
                "",
            ),
            (
                "leases end with their invocation",
                "now + self.remaining() + self.margin",
                "now + self.remaining()",
            ),
            (
                "the bound of waiting is ignored",
                "min(self.max_wait, (self.remaining() - self.reserve) / 2)",
                "(self.remaining() - self.reserve) / 2",
            ),
            ("a full item is ignored", "        if run is None:\n", "        if False:\n"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/locks/memory.py",
        ("indexer/test_lease", "indexer/test_local_locks", "indexer/test_root"),
        [
            (
                "all pending entries are dropped",
                "pending=item.pending - processed,",
                "pending=frozenset(),",
            ),
            (
                "a lease that is held is free",
                "item.owner in (None, owner) or item.expires_at < now",
                "True",
            ),
            (
                "an abandoned lease is clean",
                'self.items[lock_id] = replace(item, dirty=f"abandoned by run {run or item.run}")',
                "self.items[lock_id] = item",
            ),
            (
                "a lost lease is clean",
                'self.items[lock_id] = replace(item, dirty=f"lost by run {run}")',
                "self.items[lock_id] = item",
            ),
            (
                "another's dirt is wiped",
                "dirty=None if item.dirty in (None, dirty) else item.dirty,",
                "dirty=None,",
            ),
            (
                "what was not acquired is dirty",
                "            elif run is None:\n                return\n",
                "",
            ),
            ("pending entries have no bound", "if len(item.pending) >= MAX_PENDING:", "if False:"),
        ],
    ),
)
