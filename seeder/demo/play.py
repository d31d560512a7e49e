"""From an empty temporary folder to the end of the story."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from seeder.demo.stage import QUOTA, built
from seeder.demo.story import Story
from seeder.demo.telling import Telling
from seeder.settings import Settings

_OPENING = """\
A class, two workshops, and Docker Hub's limit: all of it on this machine, in {folder}.
A registry in this process stands in for Docker Hub and grants {quota} pulls in six hours, as Docker Hub does to one
address; another one is the event's own. Everything between them is the real seeder."""


def play(*, keep: bool) -> int:
    """Tells the story; 0 if all of it held. With `keep` the folder stays, as the story left it."""
    folder = Path(tempfile.mkdtemp(prefix="seeder-demo-")).resolve()
    telling = Telling(folder=folder)
    try:
        with built(folder) as stage:
            telling.say(_OPENING.format(folder=folder, quota=QUOTA), indent="")
            return Story(stage, telling, Settings.of(stage.environment, progress=False)).tell()
    finally:
        if keep:
            telling.say(f"\nThe folder is kept: {folder}", indent="")
        else:
            shutil.rmtree(folder, ignore_errors=True)
