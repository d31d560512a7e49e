"""The demo's steps, each by the function that its command calls; a step that does not hold ends the demo with 1."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from seeder.demo.classroom import LEARNERS, NODES, PULLS_PER_IMAGE, Classroom, Needs
from seeder.demo.stage import QUOTA, Stage, original
from seeder.demo.telling import Telling
from seeder.errors import SeederError
from seeder.model.occurrence import Occurrence
from seeder.model.outcome import Missed
from seeder.model.reference import HUB
from seeder.report.diff import is_coloured, unified
from seeder.report.outcomes import of_outcomes, outcome_table
from seeder.report.pinning import pin_table
from seeder.report.plan import plan_text
from seeder.report.progress import watch
from seeder.report.table import table
from seeder.run.pin import Options as PinOptions
from seeder.run.pin import pin
from seeder.run.plan import Options as PlanOptions
from seeder.run.plan import work_out
from seeder.run.project import open_project
from seeder.run.restore import restore
from seeder.run.rewrite import Mode, Order, rewrite
from seeder.run.scan import scan
from seeder.run.sync import Options as SyncOptions
from seeder.run.sync import sync
from seeder.run.verify import check
from seeder.settings import Settings

_OWN = """\
Now your own workshops, with the registry that your cluster can reach:

  seeder catalog init path/to/workshops          # writes catalog.yaml; name the registry there, under targets
  seeder plan catalog.yaml                       # what it would copy, and what of the quota that costs
  seeder sync --rewrite in-place catalog.yaml    # copies, verifies, points the workshops there
  seeder restore catalog.yaml                    # takes it back, to the byte
"""


class NotHeldError(Exception):
    """Something that the demo promises did not come true; the message says what."""


class Story(Struct):
    """One telling; `settings` are those of the stage, not of the user."""

    stage: Stage
    telling: Telling
    settings: Settings

    def tell(self) -> int:
        """Tells it all; the exit code."""
        try:
            self._scan()
            self._class_that_fails()
            self._pin()
            self._plan()
            self._sync()
            self._verify()
            self._rewrite()
            self._class_that_does_not()
            self._restore()
        except NotHeldError as error:
            self.telling.say(f"\nThis did not hold: {error}", indent="")
            return 1
        except SeederError as error:
            self.telling.say(f"\nerror: {error}" + (f"\nhint: {error.hint}" if error.hint else ""), indent="")
            return 1
        self.telling.say(f"\n{_OWN}", indent="")
        return 0

    def _scan(self) -> None:
        self.telling.heading("What do the workshops pull, and where do they name it?", "seeder scan lab-*")
        found = scan(self.stage.workshops, {})
        hub = [one for one in found.occurrences if one.hub]
        self.telling.block(table(("IMAGE", "PULLED BY", "PLACE"), map(_row, hub)))
        names = ", ".join(sorted({name for one in found.occurrences for name in one.unresolved}))
        self.telling.say(f"{len(hub)} places name Docker Hub. Those with variables of the platform stay ({names}).")
        _hold(hub and not found.unread, "every file of the sample workshops is understood")

    def _class_that_fails(self) -> None:
        needs = self._needs()
        self.telling.heading("Why would the class fail?")
        self.telling.say(_sum(needs))
        lesson = self._classroom().attend(needs)
        _hold(lesson.error is not None, "the class is refused by the stand-in for Docker Hub")
        self.telling.say(f"Tried with the stand-in: after {self.stage.hub.pulls} pulls {lesson.refused} is refused:")
        self.telling.block(_last_part(lesson.error))
        self.telling.say("Six hours later the quota is whole again. That is where we begin.")
        self.stage.hub.reset()

    def _pin(self) -> None:
        self.telling.heading("Fix each tag to a digest", "seeder pin demo.yaml")
        pinned, _ = pin(open_project(self.stage.catalog), self.settings, PinOptions(), {}, lambda *_: None)
        self.telling.block(pin_table(pinned))
        _hold(not pinned.failures, "every reference is pinned")
        self._told_pulls("Asked by HEAD, which is free")

    def _plan(self) -> None:
        self.telling.heading("What would be copied, and what would it cost?", "seeder plan demo.yaml")
        planned = work_out(open_project(self.stage.catalog), self.settings, PlanOptions())
        self.telling.block(plan_text(planned))
        _hold(planned.plan.copies, "there is something to copy")

    def _sync(self) -> None:
        self.telling.heading("Copy each image once, and verify it", "seeder sync demo.yaml")
        done = sync(open_project(self.stage.catalog), self.settings, SyncOptions(), watch(self.settings))
        self.telling.block(outcome_table(done.outcomes))
        hints = dict.fromkeys(one.error.hint for one in done.outcomes if isinstance(one, Missed))
        for hint in filter(None, hints):
            self.telling.say(f"hint: {hint}")
        _hold(of_outcomes(done.outcomes) == 0, "every image is at the event's registry")
        self._told_pulls("Copied once, for the whole class")

    def _verify(self) -> None:
        self.telling.heading(
            "Does the event's registry serve all of it, byte for byte?", "seeder verify --deep demo.yaml"
        )
        checked = check(open_project(self.stage.catalog), self.settings, deep=True)
        _hold(of_outcomes(checked.outcomes) == 0, "the event's registry serves every pin whole")
        self.telling.say(f"Yes: {len(checked.outcomes)} images, every manifest and layer read and hashed.")

    def _rewrite(self) -> None:
        self.telling.heading("Point the workshops there", "seeder rewrite --in-place --diff demo.yaml")
        project = open_project(self.stage.catalog)
        done = rewrite(project, project.target(), Order(mode=Mode.IN_PLACE))
        for file in done.files:
            name = file.shown.removeprefix(f"{self.stage.folder}/")
            self.telling.block(unified(name, file.old, file.new, coloured=is_coloured()).decode())
        _hold(done.exit_code == 0 and done.written, "every reference is rewritten")

    def _class_that_does_not(self) -> None:
        """What the rewritten files name is pulled from where they say; Docker Hub's stand-in must not notice."""
        self.telling.heading("Will the class work now?")
        needs = self._needs()
        self.stage.hub.reset()
        lesson = self._classroom().attend(needs)
        _hold(lesson.error is None, f"everyone pulls everything ({lesson.refused}: {lesson.error})")
        _hold(
            self.stage.hub.counters.total == 0,
            f"Docker Hub's stand-in is asked for nothing ({self.stage.hub.counters})",
        )
        self.telling.say(f"{LEARNERS} learners and {NODES} nodes pulled all that the rewritten files name.")
        self.telling.say(f"Requests to Docker Hub: {self.stage.hub.counters.total}.")

    def _restore(self) -> None:
        """Undone, the files are the sample's own bytes; done once more, they are what they were before that."""
        self.telling.heading("Can it be undone?", "seeder restore demo.yaml")
        rewritten = self.stage.contents()
        undone = restore(open_project(self.stage.catalog))
        _hold(undone.exit_code == 0 and self.stage.contents() == original(), "every file is as it was, to the byte")
        project = open_project(self.stage.catalog)
        rewrite(project, project.target(), Order(mode=Mode.IN_PLACE))
        _hold(self.stage.contents() == rewritten, "rewriting once more gives the same bytes")
        self.telling.say("Yes: every file was as before, to the byte. Rewritten once more, it is the same again.")

    def _needs(self) -> Needs:
        """What the workshops' files, as they are now, make a class pull from Docker Hub or the event's registry."""
        occurrences = scan(self.stage.workshops, {}).occurrences
        return Needs.of(occurrences, (HUB, open_project(self.stage.catalog).target().registry))

    def _classroom(self) -> Classroom:
        written = open_project(self.stage.catalog).target().registry
        return Classroom.of({HUB: self.stage.hub.address, written: self.stage.event.address})

    def _told_pulls(self, how: str) -> None:
        hub = self.stage.hub
        self.telling.say(f"{how}: {hub.pulls} of {QUOTA} pulls spent.")


def _hold(holds: object, what: str) -> None:
    if not holds:
        raise NotHeldError(what)


def _sum(needs: Needs) -> str:
    """The one line: learners × pulls against the quota."""
    learners = f"{LEARNERS} learners × {len(needs.learner)} images × {PULLS_PER_IMAGE} pulls (index, platform)"
    nodes = f"{NODES} nodes × {len(needs.node)} × {PULLS_PER_IMAGE}"
    return f"{learners} + {nodes} = {needs.pulls} pulls; Docker Hub grants {QUOTA} in six hours."


def _row(one: Occurrence) -> tuple[str, str, str]:
    familiar = one.reference.familiar() if one.reference else one.canonical
    return familiar, one.pulled_by.value, f"{Path(one.root).name}/{one.place}"


def _last_part(error: SeederError | None) -> str:
    """What the registry itself said, at the end of the error's text."""
    return str(error).rpartition(": ")[2]
