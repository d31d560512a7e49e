"""A module per format: a source in, findings out; pure, total, linear in the input.

A finder has `NAME`, `matches(source) -> bool` and `find(source) -> Iterator[Finding]`, and a line in `FINDERS`.
"""
