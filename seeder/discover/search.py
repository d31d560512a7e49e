"""Whether an occurrence names a reference, however either is spelled."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

from seeder.errors import InvalidReferenceError, UsageError
from seeder.finders.variables import canonical, unified
from seeder.model.occurrence import Occurrence


def names(reference: str) -> Callable[[Occurrence], bool]:
    """A test for occurrences; a reference without tag and digest means every one of its repository.

    `*` stands for anything, over the canonical form and over what is written. Raises UsageError for what is no
    reference.
    """
    if "*" in reference:
        return lambda one: fnmatchcase(one.canonical, reference) or fnmatchcase(one.raw, reference)
    try:
        wanted = canonical(reference)
    except InvalidReferenceError as error:
        raise UsageError(error.message, hint="write it as a workshop would: nginx:1.27, ghcr.io/acme/tool") from error
    whole = unified(wanted.canonical)
    is_repository = wanted.canonical.endswith(":latest") and not reference.endswith(":latest")
    repository = whole.removesuffix("latest")

    def named(one: Occurrence) -> bool:
        found = unified(one.canonical)
        if found == whole or one.raw == reference:
            return True
        bare = found.partition("@")[0]
        return bare == whole or (is_repository and f"{bare}:".startswith(repository))

    return named
