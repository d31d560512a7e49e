"""Parser and schema come from one table; here both look at the same catalogs and must agree."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from seeder.documents import catalog, schema
from seeder.errors import DocumentError

HEADER = "apiVersion: seeder/v1alpha1\nkind: Catalog\n"
VALIDATOR = jsonschema.Draft202012Validator(schema.catalog_schema())
GOOD = [
    "",
    "metadata: {name: x}\nx-any: [1, {b: 2}]\n",
    "workshops: [../a, {path: b}]\n",
    "images: [nginx, ghcr.io/a/b:1, {reference: a, platforms: [linux/arm/v7], required: false, as: 'x/y:1'}]\n",
    "registries: ['*']\n",
    "registries: [docker.io, 'localhost:5000', '[::1]:5000']\n",
    "variables: {a: b, n: 5, f: 1.10, t: true}\n",
    "targets: {e: {registry: r.io, push: 'localhost:5001', prefix: a/b, insecure: true, reached_by: [kubelet]}}\n",
    "targets: {e: {kind: oci-layout, path: x}, c: {kind: oci-cache}}\n",
    "rewrite: {mode: in-place}\nindex: filtered\nreferrers: true\n",
    "ignore: [{reference: 'docker.io/library/*', reason: y, x-ticket: 5}, {reference: '*', reason: z}]\n",
]
BAD = [
    "image: [a]\n",
    "metadata: {nam: x}\n",
    "metadata: {name: ''}\n",
    "workshops: x\n",
    "workshops: [{paths: a}]\n",
    "workshops: ['']\n",
    "images: [5]\n",
    "images: ['']\n",
    "images: ['https://ghcr.io/a/b']\n",
    "images: ['$(image_repository)/a']\n",
    "images: [{platforms: [linux/amd64]}]\n",
    "images: [{reference: a, index: trimmed}]\n",
    "images: [{reference: a, as: 'X'}]\n",
    "registries: [a/b]\n",
    "platforms: []\n",
    "platforms: linux/amd64\n",
    "platforms: [amd64]\n",
    "variables: {a: [b]}\n",
    "variables: {1a: b}\n",
    "targets: {e: {registry: 'https://r.io'}}\n",
    "targets: {'a b': {registry: r.io}}\n",
    "targets: {e: {registry: r.io, reached_by: [kubctl]}}\n",
    "targets: {e: {registry: r.io, insecure: 'no'}}\n",
    "targets: {e: {kind: tar, registry: r.io}}\n",
    "targets: {e: {registry: r.io, prefix: A}}\n",
    "rewrite: {mode: inplace}\n",
    "rewrite: in-place\n",
    "ignore: [{reference: 'docker.io/a/*'}]\n",
    "ignore: [{reference: 'docker.io/a/*', reason: ' '}]\n",
]


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.catalog_schema())
    assert json.loads(schema.rendered()) == schema.catalog_schema()


@pytest.mark.parametrize("body", GOOD)
def test_both_take_what_is_good(body: str) -> None:
    text = HEADER + body
    catalog.parse(text.encode(), "c.yaml")
    VALIDATOR.validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text", [HEADER + body for body in BAD] + ["kind: Catalog\n", HEADER.replace("Catalog", "Lock")]
)
def test_both_refuse_what_is_bad(text: str) -> None:
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text)))
    with pytest.raises(DocumentError):
        catalog.parse(text.encode(), "c.yaml")


def keys(shape: object) -> list[dict]:
    """Every property of every record in a schema."""
    if isinstance(shape, list):
        return [found for item in shape for found in keys(item)]
    if not isinstance(shape, dict):
        return []
    own = list(shape.get("properties", {}).values())
    return own + [found for item in shape.values() for found in keys(item)]


def test_every_key_says_what_it_is_for() -> None:
    found = keys(schema.catalog_schema())
    assert len(found) > 20
    assert [key for key in found if not key.get("description")] == []
