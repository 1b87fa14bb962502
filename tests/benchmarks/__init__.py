"""What the product costs in calls, time, memory and money, beside its peers and its limits.

`make benchmark` runs every row and writes `docs/benchmarks.md`. Each row is a module of `rows`.
"""
