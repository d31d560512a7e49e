"""registries.conf, version 2 (containers-registries.conf(5); c/image pkg/sysregistriesv2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from seeder import files
from seeder.errors import DeniedError, DocumentError
from seeder.model.reference import ImageReference
from seeder.registry.endpoint import Endpoint
from seeder.settings import config_home_of

SYSTEM = Path("/etc/containers/registries.conf")
SYSTEM_DROP_INS = Path("/etc/containers/registries.conf.d")
_NAMED = "CONTAINERS_REGISTRIES_CONF"
_ENDS = (":", "/", "@")


class Mirror(Struct, frozen=True, kw_only=True):
    """A mirror; `by_digest` says whether it may be asked by digest, as seeder alone does."""

    location: str
    insecure: bool = False
    by_digest: bool = True


class Registry(Struct, frozen=True, kw_only=True):
    """A `[[registry]]` table. `location` may be empty beside a wildcard: then the reference's own host is asked."""

    prefix: str
    location: str
    insecure: bool = False
    blocked: bool = False
    mirrors: tuple[Mirror, ...] = ()

    def match(self, name: str) -> int:
        """How many characters at the start of a reference the prefix covers; 0 for no match."""
        if not self.prefix.startswith("*."):
            length = len(self.prefix)
            return length if name.startswith(self.prefix) and _ends_at(name, length) else 0
        host = name.partition("/")[0]
        suffix = self.prefix[1:]
        at = name.find(suffix)
        length = at + len(suffix)
        return length if 0 < at < len(host) and _ends_at(name, length) else 0


class RegistriesConf(Struct, frozen=True, kw_only=True):
    """What registries.conf says of sources. `path` is the file that counts, None where there is none."""

    registries: tuple[Registry, ...] = ()
    path: Path | None = None

    def endpoint(self, reference: ImageReference) -> Endpoint:
        """Where a reference's own registry is; raises DeniedError where it is blocked."""
        found = self._find(reference)
        if found is None:
            return Endpoint.of(reference)
        registry, length = found
        if registry.blocked:
            raise DeniedError(
                f"{reference.name} is blocked",
                where=str(self.path or ""),
                hint=f"registries.conf has `blocked = true` for {registry.prefix}",
                code="blocked",
            )
        if not registry.location:
            return Endpoint.of(reference, insecure=registry.insecure)
        location = registry.location + reference.name[length:]
        return Endpoint.at(location, reference.name, insecure=registry.insecure)

    def mirrors(self, reference: ImageReference) -> tuple[Endpoint, ...]:
        """The mirrors that may be asked for a reference that has a digest, in order."""
        found = self._find(reference)
        if found is None or found[0].blocked:
            return ()
        registry, length = found
        rest = reference.name[length:]
        return tuple(
            Endpoint.at(mirror.location + rest, mirror.location + rest, insecure=mirror.insecure)
            for mirror in registry.mirrors
            if mirror.by_digest
        )

    def _find(self, reference: ImageReference) -> tuple[Registry, int] | None:
        name = str(reference)
        matches = ((registry, registry.match(name)) for registry in self.registries)
        fitting = [found for found in matches if found[1]]
        return max(fitting, key=lambda found: len(found[0].prefix), default=None)


def _ends_at(name: str, length: int) -> bool:
    return len(name) == length or name[length] in _ENDS


def load(environment: Mapping[str, str]) -> RegistriesConf:
    """Reads the file that counts and its drop-ins, as containers does; raises DocumentError.

    CONTAINERS_REGISTRIES_CONF, else the user's, else the system's. Drop-ins: the system's, then the user's; the
    user's alone where the user's file counts. A later table with the same prefix replaces an earlier one.
    """
    path, drop_ins = _places(environment)
    named_by = _NAMED if environment.get(_NAMED) else ""
    found = [*(_read(path, named_by) if path else ()), *(each for file in drop_ins for each in _read(file))]
    merged = {registry.prefix: registry for registry in found}
    return RegistriesConf(registries=tuple(merged.values()), path=path)


def _places(environment: Mapping[str, str]) -> tuple[Path | None, list[Path]]:
    user = config_home_of(environment) / "containers"
    named = environment.get(_NAMED)
    if named:
        return Path(named), [*_drop_ins(SYSTEM_DROP_INS), *_drop_ins(user / "registries.conf.d")]
    if files.is_file(user / "registries.conf"):
        return user / "registries.conf", _drop_ins(user / "registries.conf.d")
    system = SYSTEM if files.is_file(SYSTEM) else None
    return system, [*_drop_ins(SYSTEM_DROP_INS), *_drop_ins(user / "registries.conf.d")]


def _drop_ins(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.conf")) if files.is_folder(folder) else []


def _read(path: Path, named_by: str = "") -> Iterator[Registry]:
    import tomllib  # noqa: PLC0415 - only where there is a file

    try:
        document = tomllib.loads(files.read_document(path, named_by=named_by).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DocumentError(f"is not TOML: {error}", where=str(path)) from error
    return parse(document, str(path))


def parse(document: Mapping[str, Any], where: str) -> Iterator[Registry]:
    """The tables of a registries.conf; raises DocumentError."""
    if "registries" in document:
        raise DocumentError(
            "is registries.conf version 1",
            where=where,
            hint="write [[registry]] tables (version 2); containers dropped 1",
        )
    tables = document.get("registry", [])
    if not _are_tables(tables):
        raise DocumentError("`registry` must be a list of tables: [[registry]]", where=where)
    for number, table in enumerate(tables):
        yield _registry(table, f"registry[{number}]", where)


def _registry(table: Mapping[str, Any], path: str, where: str) -> Registry:
    location = _text(table, "location", path, where)
    prefix = _text(table, "prefix", path, where) or location
    if not prefix:
        raise DocumentError(f"{path} needs a prefix or a location", where=where)
    mirrors = table.get("mirror", [])
    if not _are_tables(mirrors):
        raise DocumentError(f"{path}.mirror must be a list of tables", where=where)
    usual = "digest-only" if _flag(table, "mirror-by-digest-only", path, where) else "all"
    return Registry(
        prefix=prefix,
        location=location or ("" if prefix.startswith("*.") else prefix),
        insecure=_flag(table, "insecure", path, where),
        blocked=_flag(table, "blocked", path, where),
        mirrors=tuple(_mirror(m, f"{path}.mirror[{n}]", where, usual) for n, m in enumerate(mirrors)),
    )


def _mirror(table: Mapping[str, Any], path: str, where: str, usual: str) -> Mirror:
    location = _text(table, "location", path, where)
    if not location:
        raise DocumentError(f"{path} needs a location", where=where)
    which = _text(table, "pull-from-mirror", path, where) or usual
    if which not in {"all", "digest-only", "tag-only"}:
        raise DocumentError(f"{path}.pull-from-mirror must be all, digest-only or tag-only, not {which!r}", where=where)
    insecure = _flag(table, "insecure", path, where)
    return Mirror(location=location, insecure=insecure, by_digest=which != "tag-only")


def _are_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _text(table: Mapping[str, Any], key: str, path: str, where: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise DocumentError(f"{path}.{key} must be a string, not {value!r}", where=where)
    return value.rstrip("/")


def _flag(table: Mapping[str, Any], key: str, path: str, where: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise DocumentError(f"{path}.{key} must be true or false, not {value!r}", where=where)
    return value
