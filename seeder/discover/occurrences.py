"""Mentions made into Occurrences: variables put in, own builds told apart, the canonical form worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from seeder.discover.examine import Examined
from seeder.discover.known import Known
from seeder.errors import InvalidReferenceError
from seeder.finders.variables import Expansion, Name, canonical, is_hollow_name, is_mutable
from seeder.model.occurrence import Context, Mention, Occurrence, Puller, Role
from seeder.model.reference import HUB, HUB_ALIASES, ImageReference

Inverse = Callable[[ImageReference], ImageReference | None]

_COMMANDS = frozenset({Context.SHELL_COMMAND, Context.INSTRUCTIONS_COMMAND})
_HERE = "localhost/"  # without a port it is no registry: podman and CRI-O name so what was built on the machine
_DEFINITION = "workshop.yaml"
_MANIFESTS = frozenset({Context.POD_SPEC, Context.CUSTOM_RESOURCE})


@dataclass(kw_only=True)
class Resolver:
    """Understands the mentions of one tree by all that the tree says."""

    root: str
    known: Known
    inverse: Inverse | None = None

    def occurrences(self, found: Sequence[Examined]) -> Iterator[Occurrence]:
        """Every mention as an Occurrence, one a place, sorted by place.

        A text that is a part of several names, each with a tag from elsewhere, has one for each name.
        """
        for file in sorted(found, key=lambda file: file.path):
            placed: dict[object, Occurrence] = {}
            for mention in file.mentions:
                if not mention.parts:
                    continue
                one = self._mapped_back(self._occurrence(file.path, mention))
                spans = tuple(part.span for part in one.parts)
                is_whole = one.parts[0].role is Role.REFERENCE
                place = spans if is_whole else (spans, one.canonical)
                if place not in placed or (one.pulled and not placed[place].pulled):
                    placed[place] = one
            yield from sorted(placed.values(), key=lambda one: (one.parts[0].span, one.canonical))

    def _occurrence(self, file: str, mention: Mention) -> Occurrence:
        expansion = self.known.expand(mention.text, file)
        name, fault = _named(expansion.text, mention)
        is_built = mention.pulled and self.known.is_built(name.canonical, file)
        is_alone = (
            mention.pulled and mention.pulled_by is Puller.NONE and not self.known.is_pulled(name.canonical, file)
        )
        is_hollow = mention.pulled and mention.context in _COMMANDS and is_hollow_name(expansion.text)
        is_here = mention.pulled and name.canonical.startswith(_HERE)
        reason = fault or mention.reason or ("the workshop builds it" if is_built else "")
        reason = reason or ("podman's name for an image that was built here" if is_here else "")
        reason = reason or ("names what is here already, and nothing in the workshop pulls it" if is_alone else "")
        reason = reason or ("nothing of the name is known" if is_hollow else "")
        reason = reason or self._variable_fault(mention, expansion, name) or self._sought(mention, name, file)
        return Occurrence(
            root=self.root,
            file=file,
            parts=mention.parts,
            canonical=name.canonical,
            reference=name.reference,
            context=mention.context,
            pulled_by=mention.pulled_by,
            spelling=mention.spelling,
            rewritable=mention.pulled and not reason,
            pulled=mention.pulled and not (is_built or is_alone or is_hollow or is_here),
            reason=reason,
            unresolved=expansion.unresolved,
            coupled_to=mention.coupled_to,
            hub=name.hub,
            mutable=is_mutable(name.canonical),
        )

    def _variable_fault(self, mention: Mention, expansion: Expansion, name: Name) -> str:
        if name.is_open:
            listed = ", ".join(dict.fromkeys(expansion.unresolved))
            return f"its registry is known at run time only ({listed})"
        elsewhere = [given for given in expansion.given if given not in self.known.given]
        if elsewhere and (_is_open(mention.text) or mention.parts[0].text not in mention.text):
            return f"the value of {elsewhere[0]} stands elsewhere: change it there"
        return ""

    def _sought(self, mention: Mention, name: Name, file: str) -> str:
        is_whole = len(mention.parts) == 1  # kustomize's own entries are in parts, and are what it puts in
        is_built = file.rpartition("/")[2] != _DEFINITION  # Educates applies the objects of that one by itself
        return (
            self.known.sought(name.canonical, file) if is_whole and is_built and mention.context in _MANIFESTS else ""
        )

    def _mapped_back(self, one: Occurrence) -> Occurrence:
        original = self.inverse(one.reference) if self.inverse is not None and one.reference is not None else None
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
