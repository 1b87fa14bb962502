"""Measure calls, time, memory and costs, and compare them with other tools and with targets.

`make benchmark` runs every row and writes `docs/benchmarks.md`. Each row is a module of `rows`.
"""
