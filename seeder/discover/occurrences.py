"""Mentions made into Occurrences: variables put in, own builds told apart, the canonical form worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from seeder.discover.examine import Examined
from seeder.errors import InvalidReferenceError
from seeder.finders.variables import Expansion, Name, canonical, expand, is_mutable, unified
from seeder.model.occurrence import Context, Mention, Occurrence, Puller
from seeder.model.reference import HUB, HUB_ALIASES, ImageReference

Inverse = Callable[[ImageReference], ImageReference | None]

# What Educates gives at run time (session-manager, WSE and WSS): a workshop's own script cannot know better.
_PLATFORM = frozenset(
    {"image_repository", "oci_image_cache", "assets_repository", "platform_arch", "cluster_domain", "workshop_name"}
    | {"workshop_version", "environment_name", "workshop_namespace", "training_portal", "ingress_domain"}
    | {"ingress_protocol", "ingress_port", "ingress_port_suffix", "workshop_image", "session_name", "session_id"}
    | {"session_namespace", "session_url", "session_hostname", "registry_host", "registry_username"}
    | {"registry_password", "registry_auth_token", "registry_secret", "registry_auth_file", "vcluster_namespace"}
)


@dataclass(kw_only=True)
class Resolver:
    """All that one tree says, so that each of its mentions can be understood."""

    root: str
    found: Sequence[Examined]
    variables: Mapping[str, str]
    inverse: Inverse | None = None
    _assigned: dict[str, list[tuple[PurePosixPath, str]]] = field(init=False)
    _built: frozenset[str] = field(init=False)
    _pulled: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._assigned = defaultdict(list)
        for file in self.found:
            for one in file.assigned:
                if one.variable.lower() not in _PLATFORM:
                    self._assigned[one.variable].append((PurePosixPath(file.path).parent, one.value))
        self._built = frozenset(
            key for file in self.found for name in file.built if (key := self._key(name, file.path)) is not None
        )

        self._pulled = frozenset(
            key
            for file in self.found
            for one in file.mentions
            if one.pulled and one.pulled_by is not Puller.NONE and (key := self._key(one.text, file.path)) is not None
        )

    def occurrences(self) -> Iterator[Occurrence]:
        """Every mention as an Occurrence, one a place, sorted by place."""
        for file in sorted(self.found, key=lambda file: file.path):
            placed: dict[object, Occurrence] = {}
            for mention in file.mentions:
                if not mention.parts:
                    continue
                one = self._occurrence(file.path, mention)
                place = tuple(part.span for part in one.parts)
                if place not in placed or (one.pulled and not placed[place].pulled):
                    placed[place] = one
            yield from sorted(placed.values(), key=lambda one: (one.parts[0].span, one.canonical))

    def _lookup(self, file: str) -> Callable[[str], str | None]:
        folder = PurePosixPath(file).parent

        def value(name: str) -> str | None:
            return self.variables.get(name) if name in self.variables else self._nearest(name, folder)

        return value

    def _nearest(self, name: str, folder: PurePosixPath) -> str | None:
        """The value that is set in the folder itself, else the one on which all folders agree."""
        known = self._assigned.get(name, ())
        values = {value for place, value in known if place == folder} or {value for _, value in known}
        return values.pop() if len(values) == 1 else None

    def _key(self, text: str, file: str) -> str | None:
        try:
            return unified(canonical(expand(text, self._lookup(file)).text).canonical)
        except InvalidReferenceError:
            return None

    def _occurrence(self, file: str, mention: Mention) -> Occurrence:
        expansion = expand(mention.text, self._lookup(file))
        name, fault = _named(expansion.text, mention)
        is_built = mention.pulled and unified(name.canonical) in self._built
        is_alone = mention.pulled and mention.pulled_by is Puller.NONE and unified(name.canonical) not in self._pulled
        reason = fault or mention.reason or ("the workshop builds it" if is_built else "")
        reason = reason or ("names what is here already, and nothing in the workshop pulls it" if is_alone else "")
        reason = reason or self._variable_fault(mention, expansion, name)
        one = Occurrence(
            root=self.root,
            file=file,
            parts=mention.parts,
            canonical=name.canonical,
            reference=name.reference,
            context=mention.context,
            pulled_by=mention.pulled_by,
            spelling=mention.spelling,
            rewritable=mention.pulled and not reason,
            pulled=mention.pulled and not is_built and not is_alone,
            reason=reason,
            unresolved=expansion.unresolved,
            coupled_to=mention.coupled_to,
            hub=name.hub,
            mutable=is_mutable(name.canonical),
        )
        return self._mapped_back(one)

    def _variable_fault(self, mention: Mention, expansion: Expansion, name: Name) -> str:
        if name.is_open:
            listed = ", ".join(dict.fromkeys(expansion.unresolved))
            return f"its registry is known at run time only ({listed})"
        elsewhere = [given for given in expansion.given if given not in self.variables]
        if elsewhere and (_is_open(mention.text) or mention.parts[0].text not in mention.text):
            return f"the value of {elsewhere[0]} stands elsewhere: change it there"
        if elsewhere and len(mention.parts) == 1 and elsewhere[0] not in mention.parts[0].text:
            return f"{elsewhere[0]} is set elsewhere, so that this default does not count"
        return ""

    def _mapped_back(self, one: Occurrence) -> Occurrence:
        if self.inverse is None or one.reference is None:
            return one
        original = self.inverse(one.reference)
        if original is None:
            return one
        text = str(original.or_latest())
        return replace(
            one,
            reference=original,
            rehosted_from=original,
            canonical=text,
            hub=original.is_hub,
            mutable=is_mutable(text),
        )


def _named(text: str, mention: Mention) -> tuple[Name, str]:
    """The canonical form, and why there is none."""
    if mention.context is Context.ZOT_SYNC_RULE and "/" not in text:
        host = HUB if text in HUB_ALIASES else text
        return Name(canonical=host, reference=None, hub=host == HUB), ""
    try:
        return canonical(text), ""
    except InvalidReferenceError as error:
        return Name(canonical=text, reference=None), error.message if "*" not in text else ""


def _is_open(text: str) -> bool:
    try:
        return canonical(text).is_open
    except InvalidReferenceError:
        return True
