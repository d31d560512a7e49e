"""The skopeo binary as an engine: runs everywhere skopeo does, and pays a manifest GET more than is needed."""

from seeder.engines.skopeo.engine import SkopeoEngine

__all__ = ["SkopeoEngine"]
