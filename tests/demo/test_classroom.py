"""A class that pulls."""

from __future__ import annotations

from seeder.demo.classroom import LEARNERS, NODES, Classroom, Needs
from seeder.errors import MissingError, QuotaError
from seeder.model.reference import HUB, ImageReference
from seeder.sandbox import Sandbox

NGINX, REDIS = (ImageReference.parse(text) for text in ("nginx:1.27.3", "redis:7.4"))
NEEDS = Needs(learner=(NGINX, REDIS), node=(NGINX,))


def test_every_learner_and_every_node_pulls_index_and_manifest() -> None:
    with Sandbox() as hub:
        hub.put_index("nginx:1.27.3")
        hub.put_index("redis:7.4")
        lesson = Classroom.of({HUB: hub.address}).attend(NEEDS)
        assert (lesson.error, lesson.pulled) == (None, 2 * LEARNERS + NODES)
        assert hub.pulls == NEEDS.pulls == 2 * (2 * LEARNERS + NODES)


def test_the_first_who_is_refused_ends_the_lesson() -> None:
    with Sandbox(quota=20) as hub:
        hub.put_index("nginx:1.27.3")
        hub.put_index("redis:7.4")
        lesson = Classroom.of({HUB: hub.address}).attend(NEEDS)
        assert isinstance(lesson.error, QuotaError)
        assert lesson.refused == "learner 4"
        assert lesson.pulled == 10


def test_what_is_not_there_is_not_pulled() -> None:
    with Sandbox() as hub:
        lesson = Classroom.of({HUB: hub.address}).attend(NEEDS)
        assert isinstance(lesson.error, MissingError)


def test_a_name_goes_to_the_registry_that_it_names() -> None:
    with Sandbox() as hub, Sandbox(token_auth=False, cdn=False) as event:
        event.put_image("library/nginx:1.27.3")
        name = ImageReference("registry.event.example", "library/nginx", "1.27.3")
        room = Classroom.of({HUB: hub.address, "registry.event.example": event.address})
        assert room.attend(Needs(learner=(), node=(name,))).error is None
        assert hub.counters.total == 0
