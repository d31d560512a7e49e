"""Names whose tag stands beside them: `workerImageTag` beside `workerImage`, `db_image_tag` beside `db_image_name`."""

from __future__ import annotations

import re

from seeder.finders.yaml.given import PICTURE
from seeder.finders.yaml.root import Split
from seeder.model.reference import has_selector
from seeder.syntax.yaml_nodes import Mapping, Scalar, string

_MADE = re.compile(r"dest|push|output|target")  # what something else makes, and puts there
_IMAGES = ("Image", "_image", "-image")


def split(node: Mapping, key: str, value: Scalar) -> Split | None:
    """The parts of a name whose first one stands under `key`; None where no tag or digest is called as it is."""
    begin = _beginning(key, value.value) if "mage" in key else ""
    if not begin or not _is_untagged(value.value):
        return None
    parts = ("registry", "tag", "digest")
    registry, tag, digest = (node.get(begin + (part if begin[-1] in "_-" else part.title())) for part in parts)
    return Split(value, registry, tag, digest) if string(tag) or string(digest) else None


def _beginning(key: str, value: str) -> str:
    """What the keys of the other parts begin with: `workerImage`, `db_image_`; nothing for an `image` alone.

    A bare word under `image_name` is the author's own, who builds it.
    """
    stem = key.removesuffix("name").removesuffix("Name")
    if stem == key:
        return "" if not key.endswith(_IMAGES) else key if key.endswith("Image") else key + key[-6]
    is_image = stem.endswith(("image", "Image", "image_", "image-"))
    return stem if is_image and "/" in value and not _MADE.search(stem) else ""


def _is_untagged(value: str) -> bool:
    is_path = value.startswith(("/", ".")) or bool(PICTURE.search(value))
    return not is_path and not has_selector(value)
