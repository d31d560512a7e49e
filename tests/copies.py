"""A copy as a plan could hold it, for tests that look at what becomes of it and at nothing else."""

from __future__ import annotations

from seeder import targets
from seeder.model.catalog import TargetSettings
from seeder.model.copy import Copy, Pulls
from seeder.model.descriptor import Descriptor
from seeder.model.digest import Digest
from seeder.model.media_type import OCI_MANIFEST
from seeder.model.pin import Pin
from seeder.model.reference import ImageReference

_TARGET = TargetSettings(name="t", registry="reg.example.com")


def copy(name: str, price: int = 0) -> Copy:
    """`price` is what it costs in pulls."""
    reference, digest = ImageReference.parse(name), Digest.of(name.encode())
    pin = Pin(reference=reference, descriptor=Descriptor(media_type=OCI_MANIFEST, digest=digest, size=1))
    place = targets.destination(reference, digest, _TARGET)
    return Copy(pin=pin, destination=place, pulls=Pulls(at_least=price, assumed=price))
