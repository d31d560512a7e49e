"""The skopeo binary as an engine: runs everywhere skopeo does, and pays a manifest GET more than is needed."""

from seeder.engines.skopeo.engine import AT_ONCE, SkopeoEngine

__all__ = ["AT_ONCE", "SkopeoEngine"]
