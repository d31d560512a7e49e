"""Files of kinds that name images and are not read: said so, not guessed at. YAML kinds: `finders.yaml.unread`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seeder.finders.finding import Finding, Source, Unparsed

_KINDS = (
    (re.compile(r".+\.(?:tf|tofu)(?:\.json)?|.+\.tfvars"), re.compile(r"image"), "Terraform"),
    (re.compile(r".+\.nomad(?:\.hcl)?"), re.compile(r"image"), "a Nomad job"),
    (re.compile(r"docker-bake(?:\.override)?\.(?:hcl|json)"), re.compile(r"docker-image://|tags|args"), "a bake file"),
    (re.compile(r"Jenkinsfile.*"), re.compile(r"image|docker"), "a Jenkins pipeline"),
    (re.compile(r"Earthfile"), re.compile(r"FROM"), "an Earthfile"),
    (re.compile(r"Vagrantfile"), re.compile(r"docker"), "a Vagrant file"),
    (re.compile(r".+\.ps1"), re.compile(r"\b(?:docker|podman|kubectl|helm)\s"), "a PowerShell script"),
    (re.compile(r".+\.(?:bat|cmd)"), re.compile(r"\b(?:docker|podman|kubectl|helm)\s"), "a batch file"),
    (re.compile(r".+\.didact\.(?:md|adoc)"), re.compile(r"didact:"), "a Didact tutorial"),
    (re.compile(r"Tiltfile|.+\.tiltfile"), re.compile(r"image|docker"), "a Tilt file"),
)


def find(source: Source) -> Iterator[Finding]:
    for name, hint, kind in _KINDS:
        if name.fullmatch(source.name) and hint.search(source.text.content):
            yield Unparsed(f"{kind}: images in it are not looked for")
