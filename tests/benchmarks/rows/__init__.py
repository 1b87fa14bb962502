"""The benchmarks; each module has a function `measure(lab)` that returns rows."""
