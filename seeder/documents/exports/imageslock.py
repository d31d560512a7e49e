"""imgpkg's ImagesLock (carvel.dev/imgpkg/docs, "ImagesLock"), with the annotation by which `kbld -f` finds an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seeder.documents.exports.rehosted import HEADER, Rehosted
from seeder.model.catalog import TargetSettings

_HEAD = "---\napiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n"


def render(images: Sequence[Rehosted], _target: TargetSettings) -> Mapping[str, str]:
    listed = "images:\n" + "".join(map(_entry, images)) if images else "images: []\n"
    return {"images.lock.yaml": HEADER + _HEAD + listed}


def _entry(image: Rehosted) -> str:
    lines = (
        f"- image: {image.name}@{image.root}",
        "  annotations:",
        f"    kbld.carvel.dev/id: {image.reference.familiar()}",
    )
    return "".join(f"{line}\n" for line in lines)
