"""Good and bad examples of every rule; each bad one says at which lines the rule must speak, and nowhere else."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from seeder.model.digest import Digest
from seeder.model.media_type import DOCKER_MANIFEST, DOCKER_SCHEMA1_SIGNED, OCI_MANIFEST
from seeder.model.pin import Lock
from seeder.rules import RULES, suppression
from tests.rules.trees import linted, lock, pin, places, workshop

YAML = "resources/workshop.yaml"
PAGE = "workshop/content/01.md"
GIB = 1024**3
HEX = "0123456789abcdef" * 4
DIGEST = Digest("sha256", HEX)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A workshop and the places of the problems that a rule has with it; none for a good one."""

    rule: str
    files: dict[str, str]
    at: tuple[str, ...] = ()
    lock: Lock = field(default_factory=Lock)


def typed(text: str) -> dict[str, str]:
    return {PAGE: f"# Page\n\n```terminal:execute\ncommand: {text}\n```\n"}


def page(text: str) -> dict[str, str]:
    return workshop(files=typed(text))


def manifest(image: str) -> dict[str, str]:
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n    - {{name: a, image: {image}}}\n"
    return workshop(files={"exercises/pod.yaml": pod})


def files_entry(url: str, more: str = "") -> dict[str, str]:
    return workshop(f"workshop:\n  files:\n    - image:\n        url: {url}\n{more}")


def files_chart(url: str) -> dict[str, str]:
    chart = f"{{name: a, version: 1.0.0, repository: {{url: {url}}}}}"
    return workshop(f"workshop:\n  files:\n    - helmChart: {chart}\n")


def own_image(image: str) -> dict[str, str]:
    return workshop(f"workshop:\n  image: {image}\n")


def docker(more: str = "", files: dict[str, str] | None = None) -> dict[str, str]:
    return workshop(f"session:\n  applications:\n    docker:\n      enabled: true\n{more}", files)


def cache(rules: str, use: str = "", more: str = "") -> dict[str, str]:
    """A cache with these registries (flow style); `use` is the url of the workshop's files."""
    files = f"workshop:\n  files:\n    - image: {{url: {use}}}\n" if use else ""
    return workshop(f"{files}environment:\n  images:\n    registries: {rules}\n{more}")


HUB_RULE = (
    "[{urls: ['https://registry-1.docker.io'], onDemand: true, content: [{prefix: /acme/lab, destination: /hub}]}]"
)
FETCHED = "    - imgpkgBundle:\n        image: $(oci_image_cache)/hub/acme/p\n        "
COMPOSE = {"exercises/docker-compose.yaml": "services:\n  web: {image: nginx:1.27.3}\n  db: {image: postgres:17.2}\n"}
TOKEN = "dckr_" + "pat_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"  # in pieces, so that no scanner takes the test for a leak
AUTH = base64.b64encode(b"me:hunter22").decode()
CONFIG = base64.b64encode(json.dumps({"auths": {"ghcr.io": {"auth": AUTH}}}).encode()).decode()


def composed(commands: str, image: str = f"nginx:1.27.3@{DIGEST}") -> dict[str, str]:
    typed = "".join(f"  {command}\n" for command in commands.split("\n"))
    text = f"# Page\n\n```terminal:execute\ncommand: |\n{typed}```\n"
    compose = f"services:\n  web:\n    image: {image}\n"
    return workshop(files={PAGE: text, "exercises/compose.yaml": compose})


BAD = [
    # Docker Hub
    Case(rule="hub-workshop-files", files=files_entry("acme/lab-files:1.0.0"), at=(f"{YAML}:8",)),
    Case(rule="hub-workshop-files", files=files_chart("oci://docker.io/acme"), at=(f"{YAML}:7",)),
    Case(rule="hub-workshop-files", files=workshop("publish: {image: 'docker.io/acme/lab:1'}\n"), at=(f"{YAML}:5",)),
    Case(
        rule="hub-workshop-files",
        files=workshop("workshop:\n  packages:\n    - {name: p, files: [{imgpkgBundle: {image: acme/p:1}}]}\n"),
        at=(f"{YAML}:7",),
    ),
    Case(
        rule="hub-workshop-files",
        files=workshop("environment:\n  assets:\n    files:\n      - image: {url: index.docker.io/acme/a:1.0.0}\n"),
        at=(f"{YAML}:8",),
    ),
    Case(rule="hub-workshop-image", files=own_image("acme/lab-environment:1.0.0"), at=(f"{YAML}:6",)),
    Case(
        rule="hub-workshop-image",
        files=workshop("session:\n  initContainers:\n    - {name: a, image: busybox:1.37.0}\n"),
        at=(f"{YAML}:7",),
    ),
    Case(rule="hub-deployment", files=manifest("nginx:1.27.3"), at=("exercises/pod.yaml:6",)),
    Case(rule="hub-deployment", files=page("kubectl run web --image=nginx:1.27.3"), at=(f"{PAGE}:4",)),
    Case(
        rule="hub-deployment",
        files=workshop(
            "session:\n  objects:\n    - apiVersion: v1\n      kind: Pod\n      metadata: {name: a}\n"
            "      spec: {containers: [{name: a, image: redis:7.4.1}]}\n"
        ),
        at=(f"{YAML}:10",),
    ),
    Case(rule="hub-past-mirror", files=page("skopeo copy docker://nginx:1.27.3 oci:out"), at=(f"{PAGE}:4",)),
    Case(rule="hub-past-mirror", files=page("crane digest alpine:3.20.3"), at=(f"{PAGE}:4",)),
    Case(rule="hub-past-mirror", files=page("podman run alpine:3.20.3"), at=(f"{PAGE}:4",)),
    Case(rule="hub-past-mirror", files=page("dive alpine:3.20.3"), at=(f"{PAGE}:4",)),
    Case(rule="hub-past-mirror", files=page("buildah from alpine:3.20.3"), at=(f"{PAGE}:4",)),
    Case(
        rule="hub-past-mirror", files=page("mvn jib:build -Djib.from.image=library/openjdk:21.0.1"), at=(f"{PAGE}:4",)
    ),
    # tags
    Case(rule="mutable-tag", files=manifest("nginx"), at=("exercises/pod.yaml:6",)),
    Case(rule="mutable-tag", files=manifest("nginx:1.27"), at=("exercises/pod.yaml:6",)),
    Case(rule="mutable-tag", files=page("docker pull nginx:latest"), at=(f"{PAGE}:4",)),
    Case(
        rule="tag-selection",
        files=files_entry("ghcr.io/acme/lab", "        tagSelection: {semver: {constraints: '>1.0.0'}}\n"),
        at=(f"{YAML}:9",),
    ),
    *(
        Case(rule="tag-selection", files=workshop(f"{where}{FETCHED}tagSelection: {{semver: {{}}}}\n"), at=(place,))
        for where, place in (
            ("workshop:\n  packages:\n  - name: p\n    files:\n", f"{YAML}:11"),
            ("environment:\n  assets:\n    files:\n", f"{YAML}:10"),
        )
    ),
    Case(rule="always-pulled", files=own_image("ghcr.io/acme/lab:latest"), at=(f"{YAML}:6",)),
    Case(rule="always-pulled", files=own_image("ghcr.io/acme/lab:develop"), at=(f"{YAML}:6",)),
    Case(rule="always-pulled", files=own_image("ghcr.io/acme/lab"), at=(f"{YAML}:6",)),
    Case(rule="always-pulled", files=own_image("registry.example.com:5000/lab"), at=(f"{YAML}:6",)),
    Case(rule="always-pulled", files=own_image("'$(image_repository)/lab'"), at=(f"{YAML}:6",)),
    Case(rule="always-pulled", files=own_image("'ghcr.io/acme/$(workshop_name):latest'"), at=(f"{YAML}:6",)),
    Case(rule="short-name", files=own_image("jdk17-environment:3.7"), at=(f"{YAML}:6",)),
    Case(rule="short-name", files=own_image("base-environment"), at=(f"{YAML}:6",)),
    Case(rule="digest-without-tag", files=manifest(f"ghcr.io/acme/a@{DIGEST}"), at=("exercises/pod.yaml:6",)),
    Case(
        rule="two-versions",
        files=manifest("ghcr.io/acme/a:1.0.0")
        | {"exercises/z.yaml": manifest("ghcr.io/acme/a:1.0.1")["exercises/pod.yaml"]},
        at=("exercises/z.yaml:6",),
    ),
    Case(
        rule="two-versions",
        files=manifest(f"ghcr.io/acme/a:1@{DIGEST}")
        | {"exercises/z.yaml": manifest(f"ghcr.io/acme/a:1@sha256:{'f' * 64}")["exercises/pod.yaml"]},
        at=("exercises/z.yaml:6",),
    ),
    *(
        Case(
            rule="two-versions",
            files=manifest(f"ghcr.io/acme/a:{one}")
            | {"exercises/z.yaml": manifest(f"ghcr.io/acme/a:{other}")["exercises/pod.yaml"]},
            at=("exercises/z.yaml:6",),
        )
        for one, other in (
            ("3.12-slim", "3.12"),
            ("3.12-slim", "3.12-alpine"),
            ("1.1.0-proxy", "1.1.1-backup"),
            ("8.1-397", "8.1-400"),
            ("a-b", "a-c"),
        )
    ),
    # docker
    Case(rule="docker-without-mirror", files=docker(files=COMPOSE), at=(f"{YAML}:8",)),
    Case(
        rule="docker-without-mirror",
        files=docker(files={"exercises/Dockerfile": "FROM python:3.12.1\n"}),
        at=(f"{YAML}:8",),
    ),
    *(
        Case(rule="docker-without-mirror", files=docker(files=typed(command)), at=(f"{YAML}:8",))
        for command in (
            "pack build app --builder paketobuildpacks/builder:0.3.1",
            "docker build --build-arg BASE=library/python:3.12.1 .",
        )
    ),
    Case(
        rule="mirror-storage",
        files=docker(files=COMPOSE),
        lock=lock(pin("nginx:1.27.3", size=3 * GIB), pin("postgres:17.2", size=2 * GIB)),
        at=(f"{YAML}:8",),
    ),
    Case(
        rule="mirror-storage",
        files=docker("      storage: 2Gi\n", COMPOSE),
        lock=lock(pin("nginx:1.27.3", size=2 * GIB)),
        at=(f"{YAML}:9",),
    ),
    Case(
        rule="mirror-memory",
        files=docker("    registry:\n      enabled: true\n      memory: 512Mi\n", COMPOSE),
        at=(f"{YAML}:11",),
    ),
    Case(rule="docker-unused", files=docker(), at=(f"{YAML}:8",)),
    # the image cache
    Case(rule="cache-unmapped", files=files_entry("$(oci_image_cache)/hub/acme/lab:1"), at=(f"{YAML}:8",)),
    Case(rule="cache-unmapped", files=cache(HUB_RULE, "$(oci_image_cache)/acme/lab:1"), at=(f"{YAML}:7",)),
    Case(
        rule="cache-unmapped",
        files=cache(HUB_RULE.replace("onDemand: true", "onDemand: false"), "$(oci_image_cache)/hub/acme/lab:1"),
        at=(f"{YAML}:7",),
    ),
    Case(
        rule="cache-unmapped",
        files=cache(
            HUB_RULE.replace("[{prefix", "[{prefix: '**', destination: /hub}, {prefix"),
            "$(oci_image_cache)/hub/acme/lab:1",
        ),
        at=(f"{YAML}:7",),
    ),
    Case(rule="cache-rule-unused", files=cache(HUB_RULE), at=(f"{YAML}:7",)),
    Case(rule="cache-rule-unused", files=cache("[{urls: ['https://ghcr.io'], onDemand: true}]"), at=(f"{YAML}:7",)),
    *(
        Case(rule="cache-rule-broken", files=cache(f"[{rules}]"), at=(f"{YAML}:7",))
        for rules in (
            "{onDemand: true}",
            "{urls: ['https://ghcr.io']}",
            "{urls: ['https://registry-1.docker.io'], onDemand: true, pollInterval: 1h}",
            "{urls: ['https://ghcr.io'], onDemand: true, maxRetries: 3}",
            "{urls: ['http://registry.local'], onDemand: true}",
            "{urls: ['https://ghcr.io'], onDemand: true, content: [{prefix: '/a[', destination: /x}]}",
            "{urls: ['https://ghcr.io'], onDemand: true, content: [{prefix: /a, destination: /, stripPrefix: true}]}",
            "{urls: ['https://ghcr.io'], onDemand: on, content: [{prefix: '/o/a*', destination: x, stripPrefix: on}]}",
            "{urls: ['https://ghcr.io'], onDemand: on, content: [{prefix: '/o/*/f', destination: x, stripPrefix: on}]}",
        )
    ),
    Case(
        rule="cache-ingress", files=page("docker pull {{< param oci_image_cache >}}/hub/acme/lab:1"), at=(f"{PAGE}:4",)
    ),
    Case(
        rule="cache-ingress",
        files=workshop(files={"exercises/Dockerfile": "ARG OCI_IMAGE_CACHE\nFROM $OCI_IMAGE_CACHE/hub/acme/lab:1\n"}),
        at=("exercises/Dockerfile:2",),
    ),
    Case(rule="cache-ingress", files=own_image("$(oci_image_cache)/hub/acme/lab:1"), at=(f"{YAML}:6",)),
    Case(
        rule="cache-digest",
        files=cache(HUB_RULE, f"$(oci_image_cache)/hub/acme/lab@{DIGEST}"),
        lock=lock(pin("acme/lab:1", media_type=DOCKER_MANIFEST, digest=DIGEST)),
        at=(f"{YAML}:7",),
    ),
    Case(rule="cache-digest", files=cache(HUB_RULE, f"$(oci_image_cache)/hub/acme/lab@{DIGEST}"), at=(f"{YAML}:7",)),
    Case(
        rule="cache-credentials",
        files=files_entry("$(oci_image_cache)/hub/acme/lab:1", "        secretRef: {name: pull}\n"),
        at=(f"{YAML}:9",),
    ),
    Case(
        rule="cache-credentials",
        files=workshop(f"workshop:\n  packages:\n  - name: p\n    files:\n{FETCHED}secretRef: {{name: pull}}\n"),
        at=(f"{YAML}:11",),
    ),
    Case(
        rule="cache-credentials",
        files=workshop(
            "workshop:\n  files:\n    - helmChart:\n        name: a\n        repository:\n"
            "          url: oci://$(oci_image_cache)/charts\n          secretRef: {name: pull}\n"
        ),
        at=(f"{YAML}:11",),
    ),
    Case(rule="cache-open", files=cache("[{urls: ['https://ghcr.io'], onDemand: true}]"), at=(f"{YAML}:7",)),
    Case(
        rule="cache-open",
        files=cache("[{urls: ['https://ghcr.io'], onDemand: true, content: [{prefix: '/*/**', destination: /g}]}]"),
        at=(f"{YAML}:7",),
    ),
    Case(
        rule="cache-open",
        files=cache("[{urls: ['https://ghcr.io'], onDemand: true, content: [{prefix: '**', destination: /g}]}]"),
        at=(f"{YAML}:7",),
    ),
    Case(
        rule="cache-literal-host",
        files=files_entry("image-cache.lab-w01.svc.cluster.local/hub/acme/lab:1.0.0"),
        at=(f"{YAML}:8",),
    ),
    *(
        Case(rule="cache-literal-host", files=files_entry(f"{host}/hub/acme/lab:1.0.0"), at=(f"{YAML}:8",))
        for host in (
            "image-cache.lab-w01",
            "image-cache.lab-w01:80",
            "image-cache.lab-w01.svc:80",
            "images-lab-w01.apps.example.com",
        )
    ),
    # credentials
    *(
        Case(
            rule="credentials-in-files", files=workshop(files={"exercises/run.sh": f"#!/bin/sh\n{line}\n"}), at=(place,)
        )
        for line, place in (
            (f"export X={TOKEN}", "exercises/run.sh:2"),
            ("curl https://me:hunter22@ghcr.io/v2/", "exercises/run.sh:2"),
            ("docker login ghcr.io -u me -p hunter22", "exercises/run.sh:2"),
            ("docker login ghcr.io -u me \\\n  --password=hunter22", "exercises/run.sh:3"),
            ("export IMGPKG_PASSWORD=hunter22", "exercises/run.sh:2"),
            ("export DOCKERHUB_TOKEN='hunter22'", "exercises/run.sh:2"),
            ("kubectl create secret docker-registry r --docker-password=hunter22", "exercises/run.sh:2"),
            ("skopeo copy --dest-creds me:hunter22 docker://a/b docker://c/d", "exercises/run.sh:2"),
            ("docker login ghcr.io -u me -phunter22", "exercises/run.sh:2"),
            ("curl https://hunter22:x-oauth-basic@git.example.com/", "exercises/run.sh:2"),
            ("curl https://{}:hunter22@ghcr.io/v2/", "exercises/run.sh:2"),
            ("docker login -u 'me' -p 'hunter22;x' ghcr.io && docker run -p 8080:80 web", "exercises/run.sh:2"),
            ("echo hunter22 | docker login ghcr.io -u me --password-stdin", "exercises/run.sh:2"),
            ("printf 'hunter22' | sudo docker login ghcr.io -u me --password-stdin", "exercises/run.sh:2"),
            ("docker login ghcr.io -u me --password-stdin <<< hunter22", "exercises/run.sh:2"),
            ("export IMGPKG_REGISTRY_PASSWORD_0=hunter22", "exercises/run.sh:2"),
        )
    ),
    Case(
        rule="credentials-in-files",
        files=workshop(files={"exercises/Dockerfile": "FROM scratch\nENV REGISTRY_PASSWORD hunter22\n"}),
        at=("exercises/Dockerfile:2",),
    ),
    Case(
        rule="credentials-in-files",
        files=workshop(files={"exercises/config.json": json.dumps({"auths": {"ghcr.io": {"auth": AUTH}}}, indent=1)}),
        at=("exercises/config.json:2",),
    ),
    Case(
        rule="credentials-in-files",
        files=workshop(files={"exercises/secret.yaml": f"kind: Secret\ndata:\n  .dockerconfigjson: {CONFIG}\n"}),
        at=("exercises/secret.yaml:3",),
    ),
    Case(
        rule="credentials-in-files",
        files=workshop("session:\n  env:\n    - name: IMGPKG_PASSWORD\n      value: hunter22\n"),
        at=(f"{YAML}:8",),
    ),
    Case(
        rule="credentials-in-files",
        files=workshop("content: {files: 'imgpkg://me:hunter22@ghcr.io/acme/lab:1'}\n"),
        at=(f"{YAML}:5",),
    ),
    Case(
        rule="credentials-in-files",
        files=workshop("session:\n  env:\n    - {name: DOCKER_PASSWORD, value: hunter22}\n"),
        at=(f"{YAML}:7",),
    ),
    Case(rule="hub-credentials", files=page("docker login -u me"), at=(f"{PAGE}:4",)),
    Case(rule="hub-credentials", files=page("docker login -u me --password-stdin < key.txt"), at=(f"{PAGE}:4",)),
    Case(rule="hub-credentials", files=page("sudo docker login"), at=(f"{PAGE}:4",)),
    Case(
        rule="hub-credentials",
        files=page("kubectl create secret docker-registry r --docker-username=me --docker-password=$P"),
        at=(f"{PAGE}:4",),
    ),
    Case(rule="hub-credentials", files=page("docker login docker.io"), at=(f"{PAGE}:4",)),
    Case(rule="hub-credentials", files=page("podman login docker.io"), at=(f"{PAGE}:4",)),
    Case(rule="hub-credentials", files=page("nerdctl login -u 'a|b'; podman login quay.io"), at=(f"{PAGE}:4",)),
    Case(rule="hub-credentials", files=page("echo $P | docker login -u me --password-stdin"), at=(f"{PAGE}:4",)),
    Case(
        rule="hub-credentials",
        files=workshop(files={"exercises/config.json": '{"auths": {"https://index.docker.io/v1/": {}}}'}),
        at=("exercises/config.json:1",),
    ),
    *(
        Case(rule="docker-tag-missing", files=composed(f"docker compose up -d\n{command}"), at=(f"{PAGE}:6",))
        for command in (
            "docker rmi nginx:1.27.3",
            "docker tag nginx:1.27.3 $REGISTRY_HOST/web",
            "docker save nginx:1.27.3",
        )
    ),
    # registries and formats
    Case(rule="deprecated-registry", files=manifest("k8s.gcr.io/pause:3.9"), at=("exercises/pod.yaml:6",)),
    Case(rule="deprecated-registry", files=manifest("docker.pkg.github.com/a/b/c:1"), at=("exercises/pod.yaml:6",)),
    Case(rule="deprecated-registry", files=manifest("bitnami/redis:7.0"), at=("exercises/pod.yaml:6",)),
    Case(
        rule="deprecated-registry",
        files=manifest("registry.hub.docker.com/library/redis:7.4.1"),
        at=("exercises/pod.yaml:6",),
    ),
    Case(
        rule="schema1",
        files=manifest("ghcr.io/old/thing:1"),
        lock=lock(pin("ghcr.io/old/thing:1", media_type=DOCKER_SCHEMA1_SIGNED)),
        at=("exercises/pod.yaml:6",),
    ),
]

GOOD = [
    Case(rule="hub-workshop-files", files=files_entry("ghcr.io/acme/lab-files:1.0.0")),
    Case(rule="hub-workshop-files", files=files_entry("$(image_repository)/lab-files:1.0.0")),
    Case(rule="hub-workshop-files", files=manifest("nginx:1.27.3")),
    Case(rule="hub-workshop-image", files=own_image("ghcr.io/acme/lab:1.0.0")),
    Case(rule="hub-workshop-image", files=own_image("jdk17-environment:*")),
    Case(rule="hub-workshop-image", files=manifest("nginx:1.27.3")),
    Case(rule="hub-deployment", files=manifest("mirror.gcr.io/library/nginx:1.27.3")),
    Case(rule="hub-deployment", files=page("docker run nginx:1.27.3")),
    Case(rule="hub-deployment", files=own_image("acme/lab:1.0.0")),
    Case(rule="hub-past-mirror", files=page("skopeo copy docker://ghcr.io/a/b:1 oci:out")),
    Case(rule="hub-past-mirror", files=page("docker pull nginx:1.27.3")),
    Case(rule="hub-past-mirror", files=files_chart("oci://docker.io/acme")),
    Case(rule="hub-past-mirror", files=page("docker build --build-arg BASE=library/python:3.12.1 .")),
    Case(rule="hub-past-mirror", files=page("pack build app --builder paketobuildpacks/builder:0.3.1")),
    Case(rule="mutable-tag", files=manifest("nginx:1.27.3")),
    Case(rule="mutable-tag", files=manifest(f"nginx:latest@{DIGEST}")),
    *(
        Case(
            rule=rule,
            files=manifest("nginx")
            | {"exercises/kustomization.yaml": "images: [{name: nginx, newName: ghcr.io/acme/web, newTag: 1.27.3}]\n"},
        )
        for rule in ("mutable-tag", "hub-deployment")
    ),
    Case(rule="mutable-tag", files=manifest("ghcr.io/acme/a:latest")),
    Case(rule="mutable-tag", files=cache(HUB_RULE, "$(oci_image_cache)/hub/acme/lab:1")),
    Case(rule="tag-selection", files=files_entry("ghcr.io/acme/lab:1.0.0")),
    Case(rule="always-pulled", files=own_image("ghcr.io/acme/lab:1.0.0")),
    Case(rule="always-pulled", files=own_image(f"ghcr.io/acme/lab:latest@{DIGEST}")),
    Case(rule="always-pulled", files=own_image("'ghcr.io/acme/lab:$(workshop_version)'")),
    Case(rule="always-pulled", files=own_image("'ghcr.io/acme/$(workshop_name)'")),
    Case(rule="always-pulled", files=own_image("'{{ .Values.labs.image }}'")),
    Case(rule="always-pulled", files=own_image("'ghcr.io/acme/lab:{{ .Values.labs.tag }}'")),
    Case(rule="always-pulled", files=own_image("'jdk17-environment:*'")),
    Case(rule="always-pulled", files=manifest("ghcr.io/acme/lab:latest")),
    Case(rule="short-name", files=own_image("'jdk17-environment:*'")),
    Case(rule="short-name", files=own_image("ghcr.io/educates/educates-jdk17-environment:3.7.1")),
    Case(
        rule="short-name",
        files={
            YAML: "apiVersion: training.eduk8s.io/v1alpha2\nkind: Workshop\nspec:\n"
            "  content: {image: 'base-environment:master'}\n"
        },
    ),
    Case(rule="digest-without-tag", files=manifest(f"ghcr.io/acme/a:1@{DIGEST}")),
    Case(
        rule="two-versions",
        files=manifest("ghcr.io/acme/a:1")
        | {"exercises/z.yaml": manifest(f"ghcr.io/acme/a:1@{DIGEST}")["exercises/pod.yaml"]},
    ),
    *(
        Case(
            rule="two-versions",
            files=manifest(f"ghcr.io/acme/a:{one}")
            | {"exercises/z.yaml": manifest(f"ghcr.io/acme/a:{other}")["exercises/pod.yaml"]},
        )
        for one, other in (("1.1.0-proxy", "1.1.0-backup"), ("v8-jdk-alpine", "v8-jre-alpine"))
    ),
    Case(rule="docker-without-mirror", files=docker(files={"exercises/Dockerfile": "FROM ghcr.io/a/b:1\n"})),
    Case(rule="docker-without-mirror", files=workshop(files=COMPOSE)),
    *(
        Case(rule="docker-without-mirror", files=docker(files=typed(command)))
        for command in (
            "podman pull nginx:1.27.3",
            "buildah from alpine:3.20.3",
            "mvn jib:build -Djib.from.image=library/openjdk:21.0.1",
            "kp clusterstack create base --build-image paketobuildpacks/a:1.0.1 --run-image paketobuildpacks/b:1.0.1",
        )
    ),
    Case(rule="mirror-storage", files=docker(files=COMPOSE)),
    Case(
        rule="mirror-storage",
        files=docker("      storage: 20Gi\n", COMPOSE),
        lock=lock(pin("nginx:1.27.3", size=3 * GIB), pin("postgres:17.2", size=2 * GIB)),
    ),
    Case(rule="mirror-memory", files=docker("    registry: {enabled: true, memory: 1Gi}\n", COMPOSE)),
    Case(rule="mirror-memory", files=docker("    registry: {enabled: true}\n", COMPOSE)),
    *(
        Case(rule="docker-unused", files=docker(files={PAGE: f"Run `{command}`.\n"}))
        for command in ("docker ps", "skaffold dev", "./gradlew bootBuildImage", "kn func deploy", "pack build web")
    ),
    Case(rule="docker-unused", files=docker(files={"exercises/Dockerfile": "FROM scratch\nCOPY a /\n"})),
    Case(rule="docker-unused", files=docker("      compose: {services: {db: {image: 'postgres:17.2'}}}\n")),
    Case(rule="docker-unused", files={YAML: docker()[YAML]}),
    Case(rule="docker-unused", files=workshop()),
    Case(rule="cache-unmapped", files=cache(HUB_RULE, "$(oci_image_cache)/hub/acme/lab:1")),
    Case(rule="cache-unmapped", files=files_entry("ghcr.io/acme/lab:1")),
    Case(rule="cache-unmapped", files=cache(HUB_RULE, f"$(oci_image_cache)/hub/acme/lab@{DIGEST}")),
    Case(rule="cache-rule-unused", files=cache(HUB_RULE, "$(oci_image_cache)/hub/acme/lab:1")),
    Case(rule="cache-rule-broken", files=cache(HUB_RULE)),
    Case(
        rule="cache-rule-broken",
        files=cache(
            "[{urls: ['http://r.local'], tlsVerify: false, onDemand: true, maxRetries: 3, retryDelay: 5s, "
            "content: [{prefix: '/o/**', destination: /x, stripPrefix: true}]}]"
        ),
    ),
    Case(
        rule="cache-ingress",
        files=cache(HUB_RULE, more="    ingress: {enabled: true}\n")
        | {PAGE: "```terminal:execute\ncommand: docker pull {{< param oci_image_cache >}}/hub/acme/lab:1\n```\n"},
    ),
    Case(rule="cache-ingress", files=cache(HUB_RULE, "$(oci_image_cache)/hub/acme/lab:1")),
    Case(rule="cache-digest", files=cache(HUB_RULE, "$(oci_image_cache)/hub/acme/lab:1")),
    Case(
        rule="cache-digest",
        files=cache(HUB_RULE, f"$(oci_image_cache)/hub/acme/lab@{DIGEST}"),
        lock=lock(pin("acme/lab:1", media_type=OCI_MANIFEST, digest=DIGEST)),
    ),
    Case(rule="cache-credentials", files=files_entry("ghcr.io/acme/lab:1", "        secretRef: {name: pull}\n")),
    Case(rule="cache-credentials", files=files_entry("$(oci_image_cache)/hub/acme/lab:1")),
    Case(rule="cache-open", files=cache(HUB_RULE)),
    Case(rule="cache-open", files=cache(HUB_RULE.replace("/acme/lab", "/acme/**"))),
    *(
        Case(rule="cache-literal-host", files=files_entry(f"{host}/acme/lab:1.0.0"))
        for host in ("image-cache.example.com", "images-lab.apps.example.com", "images.example.com")
    ),
    Case(rule="cache-literal-host", files=files_entry("$(oci_image_cache)/hub/acme/lab:1.0.0")),
    Case(rule="cache-literal-host", files=files_entry("registry.default.svc.cluster.local/lab:1.0.0")),
    *(
        Case(rule=rule, files=workshop(files={"exercises/run.sh": f"#!/bin/sh\n{line}\n"}))
        for rule in ("credentials-in-files", "hub-credentials")
        for line in (
            'docker login $REGISTRY_HOST -u "$REGISTRY_USERNAME" -p "$REGISTRY_PASSWORD"',
            "docker login -u {{registry_username}} -p {{registry_password}} {{registry_host}}",
            "echo $TOKEN | docker login ghcr.io -u me --password-stdin",
            "docker login ghcr.io -u <your-name> -p <your-password>",
            "export REGISTRY_PASSWORD=$(cat /secrets/password)",
            "curl https://$USER:$PASSWORD@ghcr.io/v2/",
            "curl https://ghcr.io:443/v2/",
            "psql postgres://db:5432/app",
            "docker logout",
            "docker login --help",
            "skopeo login --get-login docker.io",
            "echo hello | docker login ghcr.io -u me",
            "docker login $REGISTRY_HOST && docker run -p 8080:80 web",
            "docker login $REGISTRY_HOST; mkdir -p ~/.cache/web",
            "docker login $REGISTRY_HOST | tee -p log",
            "echo $TOKEN | docker login $REGISTRY_HOST -u me --password-stdin",
            "psql postgresql://app:app12345@db:5432/app",
            'echo "REGISTRY_PASSWORD: is not set"',
            "kubectl create secret docker-registry r --docker-server=$HOST --docker-username=me --docker-password=$P",
            "skopeo copy --dest-creds $USER:$PASSWORD docker://a/b docker://c/d",
            "# Use `docker login` to log in",
            'echo "podman login https://`hostname`:5000"',
            "docker login ((host)) -u ((user)) -p ((password))",
            "git clone https://{}:x-oauth-basic@git.example.com/acme/lab",
        )
    ),
    Case(
        rule="credentials-in-files",
        files=workshop(files={"exercises/config.json": '{"auths": {"ghcr.io": {}, "quay.io": {"auth": "$AUTH"}}}'}),
    ),
    Case(
        rule="credentials-in-files",
        files=workshop(
            files={"exercises/c.json": f'{{"auths": {{"registry-$(session_name)": {{"auth": "{AUTH}"}}}}}}'}
        ),
    ),
    Case(
        rule="credentials-in-files",
        files=workshop(
            files={PAGE: "Run docker login first and then use docker run -p 8080:80 web\nor `docker login` -p x\n"}
        ),
    ),
    Case(rule="hub-credentials", files=workshop(files={PAGE: "To push an image, do a docker login\nfirst.\n"})),
    *(
        Case(rule="docker-tag-missing", files=composed(command))
        for command in (
            "docker run nginx:1.27.3",
            "docker pull nginx:1.27.3\ndocker rmi nginx:1.27.3",
            "docker run nginx:1.27.3\ndocker rmi nginx:1.27.3",
            f"docker rmi nginx:1.27.3@{DIGEST}",
            f"docker rmi nginx@{DIGEST}",
            "docker rmi redis:7.4.1",
        )
    ),
    Case(rule="docker-tag-missing", files=composed("docker rmi nginx:1.27.3", "nginx:1.27.3")),
    Case(rule="hub-credentials", files=page("podman login")),
    Case(rule="hub-credentials", files=page("buildah login -u me")),
    Case(rule="hub-credentials", files=page("docker login -u \"12345|me\" -p '$T;x' registry.example.com")),
    Case(rule="deprecated-registry", files=manifest("registry.k8s.io/pause:3.9")),
    Case(rule="deprecated-registry", files=manifest("docker.io/bitnamilegacy/redis:7.0")),
    Case(rule="schema1", files=manifest("ghcr.io/acme/a:1"), lock=lock(pin("ghcr.io/acme/a:1"))),
]


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.rule)
def test_what_is_bad_is_found_where_it_stands(case: Case, tmp_path: Path) -> None:
    found = linted(tmp_path, case.files, case.lock, case.rule)
    assert places(found) == list(case.at)
    assert {each.rule.id for each in found} == {case.rule}
    for each in found:
        assert each.problem.message
        assert each.problem.remedy


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.rule)
def test_what_is_good_is_left_in_peace(case: Case, tmp_path: Path) -> None:
    assert [each.problem.message for each in linted(tmp_path, case.files, case.lock, case.rule)] == []


@pytest.mark.parametrize("rule", sorted(RULES.keys() - {suppression.ID}))
def test_every_rule_has_examples_of_both(rule: str) -> None:
    assert any(case.rule == rule for case in BAD)
    assert any(case.rule == rule for case in GOOD)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("ghcr.io/acme/lab", "Educates pulls the workshop's image at every session start"),
        ("registry.example.com:5000/lab", "Educates never pulls the workshop's image again"),
    ],
)
def test_what_an_image_without_a_tag_makes_of_a_port(image: str, said: str, tmp_path: Path) -> None:
    (found,) = linted(tmp_path, own_image(image), only="always-pulled")
    assert said in found.problem.message


def test_no_secret_is_repeated(tmp_path: Path) -> None:
    files = {name: text for case in BAD if case.rule == "credentials-in-files" for name, text in case.files.items()}
    for each in linted(tmp_path, files):
        assert "hunter22" not in f"{each.problem.message}{each.problem.remedy}"
        assert AUTH not in each.problem.message
