"""What other tools call a command or an option, and how the same is said here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_COMMANDS = {
    "`seeder --help`; --help behind a command tells of that one": "help",
    "`seeder --version`": "version",
    "`seeder catalog init PATH…` writes a first catalog": "init new create",
    "`seeder catalog check CATALOG`": "check validate",
    "`seeder catalog schema`": "schema",
    "`seeder scan PATH…` lists what workshops pull": "list ls find images",
    "`seeder pin CATALOG` writes the lock": "lock resolve digest",
    "`seeder pin --update CATALOG` moves pins": "update upgrade outdated",
    "`seeder plan CATALOG` shows what a run would do, `seeder verify CATALOG` what stands there": "status dry-run",
    "`seeder sync CATALOG` copies": "copy cp mirror push run once seed",
    "`seeder rewrite --diff CATALOG`, or `seeder plan CATALOG`": "diff",
    "`seeder restore CATALOG` undoes a rewrite": "undo revert reset",
    "seeder reads what `docker login` and `skopeo login` write": "login logout",
}
_OPTIONS = {
    "`seeder plan` shows what a sync would do; `rewrite --diff` and `pin --check` only look": "--dry-run -n",
    "`--target` takes another target of the catalog than the first": "--to --dest --destination --registry --mirror",
    "the catalog says it, for all images or for one: `platforms: [linux/amd64]`": (
        "--platform --platforms --arch --override-arch --os --override-os --all-platforms"
    ),
    "say `insecure: true` at the target, or in registries.conf for a source": (
        "--insecure --plain-http --tls-verify --src-tls-verify --dest-tls-verify"
    ),
    "credentials come from an auth file, which REGISTRY_AUTH_FILE can name": (
        "--authfile --creds --src-creds --dest-creds --username -u --password --auth"
    ),
    "before the command: `seeder --log-level debug …`": "--verbose -v --debug",
    "before the command: `seeder --no-progress --log-level warning …`": "--quiet -q --silent",
    "`seeder sync CATALOG REF…` takes up these images alone": "--only --image --images --filter --include",
    "`--format json`": "--json -o --output",
    "`sync --concurrency 8`": "--jobs -j --parallel --workers",
    "nothing asks: leave it out": "--yes -y --assume-yes",
}


def words(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each word with its hint."""
    for hint, listed in told.items():
        for word in listed.split():
            yield word, hint


COMMANDS = dict(words(_COMMANDS))
OPTIONS = dict(words(_OPTIONS))
