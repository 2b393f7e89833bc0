"""Judges a recorded history: what was acknowledged, and every call that wrote to Marketo. Pure: no clock, no network.

Each opportunity has some registers, such as its name. A notification writes some of them, all with its version; what
counts is the highest version, whatever the order of arrival. One that was acknowledged counts for certain. One that was
sent and never acknowledged may count or not, from the moment it was first sent."""
import collections, dataclasses


@dataclasses.dataclass
class Notification:
    opportunity: str
    version: int
    registers: frozenset  # their names
    begun: float  # when it was sent for the first time
    acknowledged: float | None = None


@dataclasses.dataclass
class Write:
    """What one call did to one record, in the order in which Marketo executed them."""
    kind: str
    key: str
    call: int
    begun: float
    answered: float | None  # None: it may still be at work
    is_done: bool  # False: Marketo refused it
    registers: dict  # of an opportunity that was written: the versions of its registers


def violations(notifications, writes, held):
    """`held`: what Marketo holds in the end, the versions of the registers by opportunity; None: it is not the end yet."""
    found = invented(notifications, writes) + backwards(writes) + overlapping(writes)
    return found + (lost(notifications, held) if held is not None else [])


def lost(notifications, held):
    """Acknowledged, and in the end neither there nor replaced by a later version."""
    newest, sent = collections.defaultdict(int), collections.defaultdict(set)
    for each in notifications:
        for register in each.registers:
            sent[each.opportunity, register].add(each.version)
            if each.acknowledged is not None:
                place = (each.opportunity, register)
                newest[place] = max(newest[place], each.version)
    found = []
    for (opportunity, register), version in newest.items():
        holds = held.get(opportunity, {}).get(register)
        if holds is None:
            found.append(f"lost: {register} {version} of {opportunity} was acknowledged; Marketo has none")
        elif holds < version:
            found.append(f"lost: {register} {version} of {opportunity} was acknowledged; Marketo has {holds}")
    for opportunity, registers in held.items():
        for register, holds in registers.items():
            if holds not in sent[opportunity, register]:
                found.append(f"invented: Marketo has {register} {holds} of {opportunity}, which nobody sent")
    return found


def invented(notifications, writes):
    """Written before anybody sent it, or by nobody."""
    begun = {}
    for each in notifications:
        for register in each.registers:
            place = (each.opportunity, register, each.version)
            begun[place] = min(begun.get(place, each.begun), each.begun)
    found = []
    for write in writes:
        for register, version in write.registers.items():
            since = begun.get((write.key, register, version))
            if since is None or write.answered is not None and since > write.answered:
                found.append(f"invented: call {write.call} wrote {register} {version} of {write.key} before it was sent")
    return found


def backwards(writes):
    """Wrote an older state than Marketo had confirmed before."""
    newest, found = {}, []
    for write in writes:
        if not write.is_done:
            continue
        for register, version in write.registers.items():
            place = (write.key, register)
            last, call = newest.get(place, (version, write.call))
            if version < last:
                found.append(f"backwards: call {write.call} wrote {register} {version} of {write.key}, call {call} {last}")
            else:
                newest[place] = (version, write.call)
    return found


def overlapping(writes):
    """A record in two calls at once. Their order would be Marketo's choice."""
    calls = collections.defaultdict(dict)
    for write in writes:
        calls[write.kind, write.key][write.call] = write
    found = []
    for (kind, key), by_call in calls.items():
        latest = None
        for write in sorted(by_call.values(), key=lambda write: (write.begun, write.call)):
            if latest and (latest.answered is None or latest.answered > write.begun):
                found.append(f"at once: {key} of {kind} is in call {latest.call} and in call {write.call}")
            if latest is None or latest.answered is not None and (write.answered is None or write.answered > latest.answered):
                latest = write
    return found
