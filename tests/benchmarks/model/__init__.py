"""Bursts of uploads in virtual time: the function's real core, with AWS's latencies and limits.

On one machine, fifty clients, the local AWS and the function share two processors. Here each has
its own, and only the design decides what a burst takes.
"""
