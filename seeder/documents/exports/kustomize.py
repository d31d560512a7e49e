"""kustomize's `images`, as a component that a kustomization names under `components`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from seeder.documents.exports.rehosted import HEADER, Rehosted, remark
from seeder.model.catalog import TargetSettings
from seeder.model.reference import ImageReference

_HEAD = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


def render(images: Sequence[Rehosted], _target: TargetSettings) -> Mapping[str, str]:
    """An entry for each way to write a name. kustomize matches names alone: one in two versions keeps its tags.

    One whose versions stand in two places, or under changed tags, is told of in a comment.
    """
    by_name: defaultdict[str, list[Rehosted]] = defaultdict(list)
    for image in images:
        by_name[image.reference.name].append(image)
    told = [image for image in images if not _is_one(by_name[image.reference.name])]
    entries = [entry for name in sorted(by_name) if _is_one(by_name[name]) for entry in _entries(by_name[name])]
    listed = "images:\n" + "".join(entries) if entries else "images: []\n"
    return {"kustomization.yaml": HEADER + "".join(map(remark, told)) + _HEAD + listed}


def _is_one(images: Sequence[Rehosted]) -> bool:
    """Whether one name, and the digest or the tags, find them all."""
    keep_tags = all(image.keeps_tag for image in images)
    return len({image.name for image in images}) == 1 and (_has_one_digest(images) or keep_tags)


def _has_one_digest(images: Sequence[Rehosted]) -> bool:
    return len({image.root for image in images}) == 1


def _entries(images: Sequence[Rehosted]) -> Iterator[str]:
    first = images[0]
    digest = f"  digest: {first.root}\n" if _has_one_digest(images) else ""
    for name in _spellings(first.reference):
        yield f"- name: {name}\n  newName: {first.name}\n{digest}"


def _spellings(reference: ImageReference) -> Sequence[str]:
    """`docker.io/library/nginx` is also written `library/nginx` and `nginx`; kustomize does not know that."""
    bare = ImageReference(reference.registry, reference.repository)
    if not bare.is_hub:
        return [bare.name]
    return sorted({bare.name, bare.familiar(), bare.name.removeprefix("docker.io/")})
