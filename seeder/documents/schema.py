"""The catalog's shape for editors, as JSON Schema: made from the table that the parser reads with."""

from __future__ import annotations

import json
from typing import Any

from seeder.documents import catalog

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def catalog_schema() -> dict[str, Any]:
    """The schema as a value. What compares keys with each other (an image named twice) is the parser's alone."""
    return {"$schema": DIALECT, "title": "seeder catalog", **catalog.schema()}


def rendered() -> str:
    return json.dumps(catalog_schema(), indent=2, ensure_ascii=False) + "\n"
