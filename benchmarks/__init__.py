"""Benchmarks: every figure beside its limit, measured in the same run and published as a ratio."""
