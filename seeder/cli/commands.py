"""The commands: name and one line of help; `seeder.cli.<name>` is imported only when the command runs.

The module of a command has a function of its name; the module of a group has a Typer `app`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "scan": "List every image that workshops pull, and where they name it.",
        "why": "Show where one reference comes from.",
        "lint": "Check workshops against the guideline for hosting images.",
        "pin": "Ask for the digest behind each tag and write the lock.",
        "plan": "Show what would be copied, and what it costs in pulls.",
        "sync": "Pin what is not pinned, copy, verify and, if asked to, rewrite.",
        "rewrite": "Point workshop files at the target.",
        "restore": "Undo what rewrite did.",
        "verify": "Check that the target serves every pin whole.",
        "catalog": "Start, check and describe catalogs.",
        "demo": "Show the whole story on this machine alone.",
        "export": "Write the lock in the formats of other tools.",
    }
)

# Shown below a command's help, without the program's name: what is typed, and what for.
EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "scan": (
            ("scan workshops/", "what do they pull?"),
            ("scan --all workshops/", "with what is left out, and why"),
            ("scan oci://ghcr.io/acme/lab-files:1.0", "as it was published"),
        ),
        "why": (("why nginx workshops/", "every tag of it"), ("why redis:7.4 workshops/", "this one")),
        "lint": (
            ("lint workshops/", "1 from warnings up"),
            ("lint --fix --lock catalog.lock.yaml workshops/", "tags get digests"),
            ("lint --format github workshops/", "annotations"),
        ),
        "pin": (
            ("pin catalog.yaml", "adds what is missing"),
            ("pin --update catalog.yaml nginx:1.27", "asks again for this tag"),
            ("pin --update --check catalog.yaml", "1 if a tag has moved"),
        ),
        "plan": (
            ("plan catalog.yaml", "what would be copied, and the pulls"),
            ("plan --update catalog.yaml", "if every tag were asked again"),
        ),
        "sync": (
            ("sync catalog.yaml", "what is missing"),
            ("sync --update --rewrite in-place catalog.yaml", "newest, and files too"),
            ("sync --frozen --report r.json catalog.yaml", "in CI: by the lock"),
            ("sync --wait 6h catalog.yaml", "waits for the quota"),
            ("sync catalog.yaml nginx:1.27", "this image alone"),
        ),
        "rewrite": (
            ("rewrite --diff catalog.yaml", "looks, writes nothing"),
            ("rewrite --in-place catalog.yaml", "restore undoes it"),
            ("rewrite --output-dir seeded/ catalog.yaml", "leaves the source alone"),
            ("rewrite --check catalog.yaml", "1 if files would change"),
        ),
        "restore": (("restore --diff catalog.yaml", "looks, writes nothing"), ("restore catalog.yaml", "")),
        "verify": (
            ("verify catalog.yaml", "is every image there?"),
            ("verify --deep --target air catalog.yaml", "every byte of it?"),
        ),
        "demo": (("demo", ""), ("demo --keep", "and look at the files afterwards")),
        "export": (
            ("export --as kustomize catalog.yaml", "to stdout"),
            ("export --as hosts.toml --output-dir certs.d catalog.yaml", "containerd"),
        ),
        "catalog init": (
            ("catalog init workshops/", "writes catalog.yaml"),
            ("catalog init --images -o event.yaml workshops/", "for the CronJob"),
        ),
        "catalog check": (("catalog check catalog.yaml", ""),),
        "catalog schema": (("catalog schema > catalog.schema.json", ""),),
    }
)


def examples(name: str) -> str:
    """The lines below a command's help; empty where it has none."""
    shown = EXAMPLES.get(name, ())
    width = max((len(typed) for typed, _ in shown), default=0)
    lines = [f"  seeder {typed.ljust(width)}  {purpose}".rstrip() for typed, purpose in shown]
    return "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *lines]) if lines else ""
