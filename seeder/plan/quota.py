"""What sources leave: copies within it, the rest put off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from seeder.errors import QuotaError
from seeder.model.copy import Copy, Pulls
from seeder.model.quota import LATER, Quota
from seeder.numbers import counted
from seeder.plan.prices import Bill, bill

_TOO_MUCH = "a full window is not enough: name fewer `platforms`, log in for a higher quota, or copy it from elsewhere"


def within_quota(
    copies: Sequence[Copy], quotas: Mapping[str, Quota]
) -> tuple[list[Copy], list[tuple[Copy, QuotaError]]]:
    """What may begin, and what may not and why. Whatever is on the bill of one that may not waits with it."""
    kept: list[Copy] = []
    late: list[tuple[Copy, QuotaError]] = []
    unpaid: dict[Bill, QuotaError] = {}
    by_source: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        by_source[copy.pin.reference.registry].append(copy)
    refusals = {name: _refusal(name, group, quotas[name]) for name, group in by_source.items() if name in quotas}
    left = {name: quota.available for name, quota in quotas.items()}
    for copy in copies:
        source = copy.pin.reference.registry
        error = refusals.get(source) if copy.pulls.assumed else unpaid.get(bill(copy))
        if source in left and error is None and copy.pulls.assumed > left[source]:
            error = _spent(copy, quotas[source], left[source])
        if error is not None:
            late.append((copy, error))
            unpaid[bill(copy)] = error
            continue
        kept.append(copy)
        if source in left:
            left[source] -= copy.pulls.assumed
    return kept, late


def _refusal(source: str, copies: Sequence[Copy], quota: Quota) -> QuotaError | None:
    """Why a run that copies all platforms does not begin: begun, it would spend the quota and not come to its end.

    Where one platform would cost no less (what is known of an index counts), copies begin as far as they fit.
    """
    whole = [copy for copy in copies if not copy.platforms and copy.pin.descriptor.is_index]
    price = Pulls.of(copies)
    if not whole or price.assumed <= quota.available:
        return None
    one = sum(min(2, copy.pulls.assumed) if copy in whole else copy.pulls.assumed for copy in copies)
    if one >= price.assumed:
        return None
    about = "" if price.exact else "about "
    return QuotaError(
        f"all platforms take {about}{price.assumed} pulls, one platform takes {one}; {source} leaves {quota.available} "
        f"({quota.figures})",
        hint="name the platforms that the class needs: `platforms: [linux/amd64]`",
        where=source,
        code=_code(price.assumed, quota),
    )


def _spent(copy: Copy, quota: Quota, left: int) -> QuotaError:
    code = _code(copy.pulls.assumed, quota)
    others = quota.available - left
    price = counted(copy.pulls.assumed, "pull")
    return QuotaError(
        f"takes {price}, and {left} {'is' if left == 1 else 'are'} left for it: {quota.figures}"
        + (f", {others} go to other images" if others else ""),
        hint=_TOO_MUCH if code else LATER,
        where=copy.pin.reference.registry,
        code=code,
    )


def _code(price: int, quota: Quota) -> str:
    """What waiting cannot mend has a code of its own."""
    return "quota-too-small" if price > quota.limit - quota.reserve else ""
