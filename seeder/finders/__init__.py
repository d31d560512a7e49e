"""A module per format: a source in, findings out; pure, total, linear in the input.

A finder is a module with `find(source)`, and a line in `formats.FORMATS` that says what is read by it.
"""

from __future__ import annotations

from collections.abc import Iterator

from seeder.finders.finding import Finding, Source
from seeder.finders.formats import read_by


def find(source: Source) -> Iterator[Finding]:
    """What all finders see in a source."""
    for form in read_by(source):
        yield from form.finder.find(source)
