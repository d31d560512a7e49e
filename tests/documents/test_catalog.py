from __future__ import annotations

import pytest

from seeder.documents import catalog
from seeder.errors import DocumentError
from seeder.model.catalog import (
    Catalog,
    IgnoreRule,
    ImageEntry,
    IndexPolicy,
    RewriteMode,
    TargetKind,
    TargetSettings,
)
from seeder.model.occurrence import Puller
from seeder.model.platform import Platform
from seeder.model.reference import ImageReference

AMD64 = Platform("linux", "amd64")
HEADER = "apiVersion: seeder/v1alpha1\nkind: Catalog\n"
FULL = """\
apiVersion: seeder/v1alpha1
kind: Catalog
metadata: {name: docker-fundamentals}
workshops:
  - path: ../workshops/docker-*
  - ../more
images:
  - nginx:1.27.3
  - reference: ghcr.io/acme/tool:2.4
    platforms: [linux/amd64]
    referrers: true
    required: false
    as: tools/acme:2.4
    index: filtered
registries: [index.docker.io, ghcr.io]
platforms: [linux/amd64]
variables: {image_repository: ghcr.io/acme, version: 1.10}
targets:
  event:
    registry: registry.example.com
    push: localhost:5001
    prefix: /class/
    insecure: false
    reached_by: [kubelet, dockerd, vendir, cli]
    store_lock: true
  air-gap: {kind: oci-layout, path: out}
rewrite: {mode: output-dir, output_dir: out}
index: whole
referrers: false
ignore: [{reference: "docker.io/library/busybox:*", reason: built by the learner}]
x-note: free
"""


def faults(text: str) -> str:
    with pytest.raises(DocumentError) as caught:
        catalog.parse(text.encode(), "c.yaml")
    assert caught.value.exit_code == 2
    return f"{caught.value}\nhint: {caught.value.hint}"


def test_every_key_is_read() -> None:
    assert catalog.parse(FULL.encode(), "c.yaml") == Catalog(
        name="docker-fundamentals",
        workshops=("../workshops/docker-*", "../more"),
        images=(
            ImageEntry(reference=ImageReference("docker.io", "library/nginx", "1.27.3"), line=8),
            ImageEntry(
                reference=ImageReference("ghcr.io", "acme/tool", "2.4"),
                platforms=(AMD64,),
                referrers=True,
                required=False,
                destination="tools/acme:2.4",
                index=IndexPolicy.FILTERED,
                line=9,
            ),
        ),
        registries=("docker.io", "ghcr.io"),
        platforms=(AMD64,),
        variables={"image_repository": "ghcr.io/acme", "version": "1.10"},
        targets=(
            TargetSettings(
                name="event",
                registry="registry.example.com",
                push="localhost:5001",
                prefix="class",
                reached_by=frozenset({Puller.KUBELET, Puller.DOCKERD, Puller.VENDIR, Puller.CLI}),
                store_lock=True,
            ),
            TargetSettings(name="air-gap", kind=TargetKind.OCI_LAYOUT, path="out"),
        ),
        rewrite=RewriteMode.OUTPUT_DIR,
        output_dir="out",
        ignore=(IgnoreRule(reference="docker.io/library/busybox:*", reason="built by the learner"),),
    )


def test_what_the_catalog_does_not_say() -> None:
    assert catalog.parse(HEADER.encode(), "dir/class.yaml") == Catalog(name="class")


def test_a_target_is_pushed_to_where_it_is_read_from_unless_said_otherwise() -> None:
    read = catalog.parse(f"{HEADER}targets: {{event: {{registry: 'r.example.com:5000'}}}}\n".encode(), "c.yaml")
    assert (read.targets[0].registry, read.targets[0].push) == ("r.example.com:5000", "r.example.com:5000")
    assert read.targets[0].reached_by is None


def test_anchors_merge_keys_and_free_keys() -> None:
    free = "x-one: &one {platforms: [linux/amd64], required: false}\n"
    text = f"{HEADER}{free}images:\n  - {{<<: *one, reference: a, required: true}}\n"
    assert catalog.parse(text.encode(), "c.yaml").images == (
        ImageEntry(reference=ImageReference("docker.io", "library/a", "latest"), platforms=(AMD64,), line=5),
    )


def test_of_several_merged_mappings_the_first_counts() -> None:
    free = "x-one: &one {required: false}\nx-two: &two {required: true, platforms: [linux/amd64]}\n"
    text = f"{HEADER}{free}images:\n  - {{<<: [*one, *two], reference: a}}\n"
    (entry,) = catalog.parse(text.encode(), "c.yaml").images
    assert (entry.required, entry.platforms) == (False, (AMD64,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # the document
        ("", "c.yaml:1: is empty, and must be a mapping with apiVersion: seeder/v1alpha1 and kind: Catalog"),
        ("# only this\n", "is empty"),
        ("- a\n", "c.yaml:1: is a list, and must be a mapping"),
        ("nginx\n", "c.yaml:1: is text, and must be a mapping"),
        ("kind: Catalog\n", "the key apiVersion is missing: write apiVersion: seeder/v1alpha1"),
        (
            HEADER.replace("v1alpha1", "v9"),
            "apiVersion: must be seeder/v1alpha1, and is seeder/v9\nhint: it was written for",
        ),
        (
            HEADER.replace("Catalog", "Workshop"),
            "c.yaml:2: kind: must be Catalog, and is Workshop\nhint: this is a workshop",
        ),
        (HEADER.replace("Catalog", "Lock"), "hint: this is a lock"),
        ("services: {}\n", "the key kind is missing: write kind: Catalog\nhint: a catalog of the images that it names"),
        (
            "apiVersion: v1\nkind: Pod\n",
            "kind: must be Catalog, and is Pod\nhint: a catalog of the images that it names",
        ),
        (f"{HEADER}images: [a\n", "c.yaml:4: is not valid YAML"),
        (f"{HEADER}images:\n\t- a\n", "c.yaml:4: is not valid YAML"),
        (f"{HEADER}# ü\nimages:\n\t- a\n", "\nhint: indent with spaces"),
        (f"{HEADER}---\n{HEADER}", "c.yaml:3: is not valid YAML: it holds several documents"),
        (f"{HEADER}images: *nothing\n", "c.yaml:3: is not valid YAML"),
        (f"{HEADER}\0", "is a binary file"),
        (f"{HEADER}images: !!python/object:os.system [a]\n", "c.yaml:3: has the tag"),
        (f"{HEADER}images: !secret a\n", "c.yaml:3: has the tag '!secret', which means nothing here"),
        # aliases
        (f"{HEADER}x-a: &a [*a]\n", "c.yaml:3: holds an alias that contains itself"),
        (f"{HEADER}x-a: &a {{b: *a}}\n", "c.yaml:3: holds an alias that contains itself"),
        (f"{HEADER}x-a: {'[' * 60}{']' * 60}\n", "c.yaml:3: is nested over 50 levels deep"),
        (f"{HEADER}x-a: {'[' * 100_000}\n", "c.yaml"),
        (f"{HEADER}x-a: {{<<: [1]}}\n", "c.yaml:3: `<<` merges mappings, and this is a number"),
        # keys
        (f"{HEADER}image: [a]\n", "c.yaml:3: image: unknown key; did you mean images?"),
        (f"{HEADER}zzz: 1\n", "c.yaml:3: zzz: unknown key; known here: apiVersion, kind, metadata"),
        (f"{HEADER}images: []\nimages: []\n", "c.yaml:4: images: the key stands here twice; first on line 3"),
        (
            f"{HEADER}targets: {{a: {{registry: h.io}}, a: {{registry: h.io}}}}\n",
            "targets.a: the key stands here twice",
        ),
        (f"{HEADER}[a]: b\n", "has a key that is a list"),
        (f"{HEADER}{{a: b}}: c\n", "has a key that is a mapping"),
        (f"{HEADER}~: b\n", "has a key that is empty"),
        (f"{HEADER}metadata: {{nam: x}}\n", "c.yaml:3: metadata.nam: unknown key; did you mean name?"),
        # types
        (f"{HEADER}images: nginx\n", "c.yaml:3: images: must be a list, and is text (nginx)"),
        (f"{HEADER}images: [5]\n", "c.yaml:3: images[0]: must be text or a mapping, and is a number (5)"),
        (f"{HEADER}platforms: linux/amd64\n", "platforms: must be a list, and is text (linux/amd64)"),
        (f"{HEADER}metadata: {{name: 5}}\n", "must be text, and is a number (5)\nhint: write it in quotes"),
        (f"{HEADER}referrers: 'yes'\n", "referrers: must be true or false, and is text (yes)"),
        (f"{HEADER}variables: {{a: [b]}}\n", "variables.a: must be text or a number or true or false, and is a list"),
        (f"{HEADER}variables: {{a: }}\n", "variables.a: must be text or a number or true or false, and is empty"),
        (f"{HEADER}images:\n", "c.yaml:3: images: must be a list, and is empty"),
        # images
        (
            f"{HEADER}images: [a, b, 'docker.io/library/a:latest']\n",
            "images[2]: docker.io/library/a:latest stands here twice; first on line 3",
        ),
        (f"{HEADER}images: [Nginx]\n", "images[0]: 'Nginx' is no image reference: the repository must be lower case"),
        (f"{HEADER}images: ['https://ghcr.io/a/b']\n", "'https://ghcr.io/a/b' has a scheme\nhint: write ghcr.io/a/b"),
        (f"{HEADER}images: ['$(image_repository)/a']\n", "holds a variable"),
        (f"{HEADER}images: ['{{{{ registry }}}}/a']\n", "holds a variable"),
        (f"{HEADER}images: [{{platforms: [linux/amd64]}}]\n", "images[0]: the key reference is missing"),
        (f"{HEADER}images: [{{reference: a, as: 'x.io/A'}}]\n", "images[0].as: 'x.io/A' is no name at a target"),
        *(
            (f"{HEADER}images: [{{reference: a, as: '{name}'}}]\n", f"images[0].as: '{name}' is no name at a target")
            for name in ("x:.y", "Tools/acme", "a:", "a:b:c", "/a", "a@b")
        ),
        (
            f"{HEADER}images: [{{reference: a, index: trimmed}}]\n",
            "images[0].index: unknown: 'trimmed'; known here: whole, filtered",
        ),
        (
            f"{HEADER}images: [c, {{reference: a, as: x}}, {{reference: b, as: x}}]\n",
            "c.yaml:3: images[2].as: x is the name of docker.io/library/a:latest too, on line 3",
        ),
        # platforms
        (f"{HEADER}platforms: linux/amd64\n", "must be a list, and is text (linux/amd64)\nhint: write [linux/amd64]"),
        (f"{HEADER}platforms: []\n", "platforms: is an empty list\nhint: name a platform, or leave the key out"),
        (f"{HEADER}platforms: [amd64]\n", "platforms[0]: 'amd64' is no platform"),
        (f"{HEADER}platforms: [linux/x86_64]\n", "hint: write linux/amd64: x86_64 is amd64 here"),
        (f"{HEADER}platforms: [linux/armel]\n", "hint: write linux/arm/v6: armel is arm/v6 here"),
        (f"{HEADER}platforms: [linux/amd64, linux/amd64]\n", "platforms[1]: linux/amd64 stands here twice"),
        # targets
        (f"{HEADER}targets: {{event: {{}}}}\n", "targets.event: the key registry is missing"),
        (f"{HEADER}targets: {{event: {{kind: oci-layout}}}}\n", "targets.event: the key path is missing"),
        (
            f"{HEADER}targets: {{event: {{kind: oci-layout, path: out, store_lock: true}}}}\n",
            "c.yaml:3: targets.event.store_lock: is for registries",
        ),
        (f"{HEADER}targets: {{event: {{registry: 'https://r.io'}}}}\n", "hint: write r.io"),
        (f"{HEADER}targets: {{event: {{registry: r.io/a/b}}}}\n", "hint: write r.io here, and a/b under prefix"),
        (f"{HEADER}targets: {{event: {{registry: 'http://r.io/a/'}}}}\n", "hint: write r.io here, and a under prefix"),
        (f"{HEADER}targets: {{event: {{registry: 'r io'}}}}\n", "'r io' is no host"),
        (f"{HEADER}targets: {{event: {{registry: hub}}}}\n", "'hub' in front of an image is no host: hub/app:1"),
        (f"{HEADER}targets: {{'a b': {{registry: r.io}}}}\n", "targets.\"a b\": 'a b' is no name for a target"),
        (f"{HEADER}targets: {{event: {{registry: r.io, prefix: Up}}}}\n", "targets.event.prefix: 'Up' is no path"),
        (
            f"{HEADER}targets: {{event: {{registry: r.io, reached_by: [kubelet, kubctl]}}}}\n",
            "targets.event.reached_by[1]: unknown: 'kubctl'; did you mean kubelet?",
        ),
        # the rest
        (f"{HEADER}workshops: ['']\n", "workshops[0]: is blank"),
        (f"{HEADER}registries: ['a/b']\n", "registries[0]: 'a/b' is more than a host and port"),
        (f"{HEADER}variables: {{'1a': b}}\n", "variables.1a: '1a' is no name of a variable"),
        (f"{HEADER}rewrite: {{mode: inplace}}\n", "rewrite.mode: unknown: 'inplace'; did you mean in-place?"),
        (f"{HEADER}rewrite: {{mode: output-dir}}\n", "rewrite.output_dir: is missing"),
        (f"{HEADER}ignore: [{{reference: 'busybox:*', reason: x}}]\n", "hint: write docker.io/library/busybox:*"),
        (f"{HEADER}ignore: [{{reference: 'docker.io/a/*'}}]\n", "ignore[0]: the key reason is missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    assert said in faults(text)


def test_latin_1_is_refused_with_its_line() -> None:
    with pytest.raises(DocumentError, match=r"c\.yaml:3: is not UTF-8 text"):
        catalog.parse(f"{HEADER}# café\n".encode("latin-1"), "c.yaml")


def test_a_bom_and_crlf_are_fine() -> None:
    assert catalog.parse(b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode(), "c.yaml").name == "docker-fundamentals"


def test_a_bomb_of_aliases_is_refused() -> None:
    bomb = "".join(f"x-{n}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9))
    assert "through its aliases" in faults(f"{HEADER}x-bomb: &a [lol]\n{bomb}")


def test_all_faults_are_told_at_once_in_the_order_of_lines() -> None:
    told = faults(f"{HEADER}images: [Up, ok, 5]\nplatform: []\nreferrers: 1\n").splitlines()
    assert [line.split(" ")[0] for line in told[:-1]] == ["c.yaml:3:", "c.yaml:3:", "c.yaml:4:", "c.yaml:5:"]


def test_several_hints_stand_each_behind_its_fault() -> None:
    told = faults(f"{HEADER}platforms: []\ntargets: {{a: {{registry: 'https://r.io'}}, b: {{registry: 'r io'}}}}\n")
    lines = told.splitlines()
    assert lines[0].endswith("is an empty list; name a platform, or leave the key out, which copies all of them")
    assert lines[1].endswith("is more than a host and port; write r.io")
    assert lines[2:] == ["c.yaml:4: targets.b.registry: 'r io' is no host", "hint: "]


def test_a_host_that_seeder_alone_talks_to_may_be_a_bare_name() -> None:
    read = catalog.parse(f"{HEADER}targets: {{event: {{registry: r.io, push: hub}}}}\n".encode(), "c.yaml")
    assert read.targets[0].push == "hub"


def test_of_very_many_faults_the_first_are_told() -> None:
    told = faults(f"{HEADER}images:\n" + "  - Up\n" * 100)
    assert told.count("is no image reference") == 20
    assert "… and 80 more" in told
