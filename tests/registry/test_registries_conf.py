from __future__ import annotations

from pathlib import Path

import pytest

from seeder.errors import DeniedError, DocumentError
from seeder.model.reference import ImageReference
from seeder.registry.registries_conf import RegistriesConf, load

HUB = 'prefix = "docker.io"\nlocation = "hub.test:5000/cache"\ninsecure = true\n'


def conf(tmp_path: Path, *tables: str) -> RegistriesConf:
    file = tmp_path / "given.conf"
    file.write_text("\n".join(f"[[registry]]\n{table}" for table in tables))
    return load({"CONTAINERS_REGISTRIES_CONF": str(file), "HOME": str(tmp_path)})


def host_of(registries: RegistriesConf, reference: str) -> str:
    endpoint = registries.endpoint(ImageReference.parse(reference))
    return f"{endpoint.host}/{endpoint.repository}" + (" insecure" if endpoint.insecure else "")


@pytest.mark.parametrize(
    ("table", "reference", "expected"),
    [
        (HUB, "nginx", "hub.test:5000/cache/library/nginx insecure"),
        (HUB, "ghcr.io/acme/app", "ghcr.io/acme/app"),
        ("", "nginx", "registry-1.docker.io/library/nginx"),
        ("", "index.docker.io/acme/app", "registry-1.docker.io/acme/app"),
        ('prefix = "docker.io/library"\nlocation = "m.test/l"', "nginx:1", "m.test/l/nginx"),
        ('prefix = "docker.io/library/nginx:1"\nlocation = "m.test/n"', "nginx:1", "m.test/n"),
        (
            'prefix = "docker.io/library/nginx"\nlocation = "m.test/n"',
            "nginx-plus",
            "registry-1.docker.io/library/nginx-plus",
        ),
        ('prefix = "docker.io/lib"\nlocation = "m.test/l"', "nginx", "registry-1.docker.io/library/nginx"),
        ('prefix = "*.corp.test"\ninsecure = true', "a.b.corp.test:5000/x", "a.b.corp.test:5000/x insecure"),
        ('prefix = "*.corp.test"\ninsecure = true', "corp.test/x", "corp.test/x"),
        ('prefix = "*.corp.test"\ninsecure = true', "other.test/a.corp.test/x", "other.test/a.corp.test/x"),
        ('prefix = "*.corp.test"\nlocation = "m.test/all"', "a.corp.test/x/y:1", "m.test/all/x/y"),
        ('location = "r.test"\ninsecure = true', "r.test/x", "r.test/x insecure"),
        ('prefix = "ghcr.io"\nlocation = "docker.io/ghcr"', "ghcr.io/x", "registry-1.docker.io/ghcr/x"),
    ],
)
def test_where_a_reference_goes(tmp_path: Path, table: str, reference: str, expected: str) -> None:
    registries = conf(tmp_path, table) if table else RegistriesConf()
    assert host_of(registries, reference) == expected


def test_the_longest_prefix_counts_wherever_it_stands(tmp_path: Path) -> None:
    long = 'prefix = "docker.io/library/nginx"\nlocation = "long.test/n"'
    for tables in ([HUB, long], [long, HUB]):
        assert host_of(conf(tmp_path, *tables), "nginx") == "long.test/n"


def test_blocked_is_refused_by_name(tmp_path: Path) -> None:
    registries = conf(tmp_path, 'prefix = "docker.io/acme"\nblocked = true')
    with pytest.raises(DeniedError, match=r"docker\.io/acme/app is blocked"):
        registries.endpoint(ImageReference.parse("acme/app"))
    assert registries.mirrors(ImageReference.parse("acme/app")) == ()
    assert host_of(registries, "nginx") == "registry-1.docker.io/library/nginx"


def test_mirrors_in_order_and_only_those_for_digests(tmp_path: Path) -> None:
    mirrors = (
        'location = "docker.io"\n'
        '[[registry.mirror]]\nlocation = "one.test/hub"\n'
        '[[registry.mirror]]\nlocation = "tags.test"\npull-from-mirror = "tag-only"\n'
        '[[registry.mirror]]\nlocation = "two.test:5000"\ninsecure = true\npull-from-mirror = "digest-only"\n'
    )
    found = conf(tmp_path, mirrors).mirrors(ImageReference.parse("nginx"))
    assert [(e.host, e.repository, e.insecure) for e in found] == [
        ("one.test", "hub/library/nginx", False),
        ("two.test:5000", "library/nginx", True),
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("insecure = true", "needs a prefix or a location"),
        ('location = "x.test"\ninsecure = "yes"', "insecure must be true or false"),
        ("location = 5", "location must be a string"),
        ('location = "x.test"\n[[registry.mirror]]\ninsecure = true', r"mirror\[0\] needs a location"),
        ('location = "x.test"\n[[registry.mirror]]\nlocation = "y.test"\npull-from-mirror = "never"', "not 'never'"),
        ("location = ", "is not TOML"),
    ],
)
def test_mistakes_are_named_with_their_file(tmp_path: Path, table: str, words: str) -> None:
    with pytest.raises(DocumentError, match=words) as caught:
        conf(tmp_path, table)
    assert caught.value.where == str(tmp_path / "given.conf")


def test_version_1_is_refused_with_advice(tmp_path: Path) -> None:
    file = tmp_path / "given.conf"
    file.write_text('[registries.insecure]\nregistries = ["x.test"]\n')
    with pytest.raises(DocumentError, match="version 1"):
        load({"CONTAINERS_REGISTRIES_CONF": str(file)})


def test_the_users_file_and_its_drop_ins(tmp_path: Path) -> None:
    folder = tmp_path / ".config/containers"
    (folder / "registries.conf.d").mkdir(parents=True)
    (folder / "registries.conf").write_text(f"[[registry]]\n{HUB}")
    (folder / "registries.conf.d/10-first.conf").write_text(
        '[[registry]]\nprefix = "docker.io"\nlocation = "ten.test"\n'
    )
    (folder / "registries.conf.d/20-second.conf").write_text(
        '[[registry]]\nprefix = "docker.io"\nlocation = "twenty.test"\n'
    )
    (folder / "registries.conf.d/ignored.txt").write_text("no TOML at all")
    registries = load({"HOME": str(tmp_path)})
    assert registries.path == folder / "registries.conf"
    assert host_of(registries, "nginx") == "twenty.test/library/nginx"


def test_the_named_file_comes_before_the_users(tmp_path: Path) -> None:
    folder = tmp_path / ".config/containers"
    folder.mkdir(parents=True)
    (folder / "registries.conf").write_text('[[registry]]\nlocation = "x.test"\ninsecure = true\n')
    registries = conf(tmp_path, HUB)
    assert registries.path == tmp_path / "given.conf"
    assert host_of(registries, "x.test/a") == "x.test/a"


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"absent\.conf: cannot read: No such file") as caught:
        load({"CONTAINERS_REGISTRIES_CONF": str(tmp_path / "absent.conf")})
    assert caught.value.hint == "CONTAINERS_REGISTRIES_CONF names it; check the path for typing errors"
