#!/usr/bin/env python3
"""Checks the database of a service, which may be running.

state.py DATABASE kept ANSWERS   checks that every acknowledged notification is stored, once and under one id; exit code 1: no
state.py DATABASE sound          checks that the file is intact, and that the counters match the rows; exit code 1: no
state.py DATABASE waits          the number of unapplied notifications, and of changes not yet fully propagated
state.py DATABASE unsent         the number of records still to be sent
state.py DATABASE held URL       checks that the stand-in for Marketo holds exactly the desired state; exit code 1: no
state.py DATABASE digest         a digest of mirror and outbox, every column
state.py DATABASE facts          a digest of mirror and outbox without the times and counts of this run"""
import collections, hashlib, json, sqlite3, sys, urllib.request

QUERIES = {
    "digest": ["SELECT * FROM mirror ORDER BY 1, 2", "SELECT * FROM edge ORDER BY 1, 2, 3", "SELECT * FROM outbox ORDER BY 1, 2"],
    "facts": [
        "SELECT entity, id, record FROM mirror ORDER BY 1, 2",
        "SELECT * FROM edge ORDER BY 1, 2, 3",
        # A record that was desired for a moment and never sent leaves a row in which both sides are empty: nothing to do. A
        # company is never deleted, so one that was named for a moment stays.
        """SELECT kind, key, opportunity, desired, stage, held_for, waiting_for FROM outbox
            WHERE (desired IS NOT NULL OR confirmed IS NOT NULL) AND (kind <> 'company' OR key IN (
                SELECT json_extract(CAST(desired AS TEXT), '$.externalCompanyId') FROM outbox
                WHERE kind = 'opportunity' AND desired IS NOT NULL
            )) ORDER BY 1, 2""",
    ],
}


def open_database(path):
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20, isolation_level=None)


def kept(database, file):
    names, accepted = collections.defaultdict(set), collections.Counter()
    for line in open(file, encoding="ascii"):
        status, outcome, name, number = line.split()
        if status == "202" and outcome in ("accepted", "duplicate"):
            names[number].add(name)
            accepted[number] += outcome == "accepted"
    rows = collections.Counter(f"{row[0]:016x}" for row in database.execute("SELECT id FROM inbox"))
    told = [name for each in names.values() for name in each]
    with_body = {f"{row[0]:016x}" for row in database.execute("SELECT id FROM body")}
    faults = {
        "lost": sum(rows[name] == 0 for name in told),
        "without a body": sum(name not in with_body for name in told),
        "under two ids": sum(len(each) > 1 for each in names.values()),
        "accepted twice": sum(count > 1 for count in accepted.values()),
        "sharing an id": len(told) - len(set(told)),
        "kept twice": database.execute("SELECT count(*) - count(DISTINCT identity) FROM inbox").fetchone()[0],
    }
    return f"{len(names)} acknowledged", faults


def sound(database):
    whole = database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.execute("BEGIN")
    says = dict(database.execute("SELECT name, value FROM counter"))
    has = dict(database.execute("SELECT outcome, count(*) FROM inbox GROUP BY 1"))
    for outcome in ("accepted", "ignored", "refused", "quarantined"):
        has.setdefault(outcome, 0)
    for kind, stage, count in database.execute("SELECT kind, stage, count(*) FROM outbox GROUP BY 1, 2"):
        has[kind + stage.capitalize()] = count
    for state, count in database.execute("SELECT state, count(*) FROM standing GROUP BY 1"):
        has["standing" + state.capitalize()] = count
    for name, query in {
        "bodyBytes": "SELECT coalesce(sum(length(bytes)), 0) FROM body",
        "unapplied": "SELECT count(*) FROM unapplied",
        "unappliedBytes": "SELECT coalesce(sum(body_bytes), 0) FROM unapplied",
        "briefIgnored": "SELECT count(*) FROM inbox WHERE outcome = 'ignored' AND gives_way = 1",
        "briefQuarantined": "SELECT count(*) FROM inbox WHERE outcome = 'quarantined' AND gives_way = 1",
        "refusals": "SELECT count(*) FROM refusal",
        "stale": "SELECT count(*) FROM stale",
    }.items():
        has[name] = database.execute(query).fetchone()[0]
    stages = [name for name in says if name not in has and says[name] and name.endswith(("Settled", "Pending", "Waiting", "Parked", "Refused", "Filtered", "Deleted"))]
    wrong = [f"{name} says {says.get(name, 0)}, rows {has.get(name, 0)}" for name in [*has, *stages] if says.get(name, 0) != has.get(name, 0)]
    return f"file intact: {whole}, counters compared: {len(has)} {wrong or ''}", {"damaged": not whole, "counters": len(wrong)}


def digest(database, queries):
    database.execute("BEGIN")
    hash, rows = hashlib.sha256(), 0
    for query in queries:
        for row in database.execute(query):
            hash.update(repr(row).encode())
            rows += 1
    return f"{hash.hexdigest()[:32]} over {rows} rows"


def held(database, marketo):
    holds = json.load(urllib.request.urlopen(f"{marketo}/sandbox"))
    roles = {(role["externalOpportunityId"], role["leadId"], role["role"]): role for role in holds["roles"]}
    there = {
        "opportunity": {record["externalOpportunityId"]: record for record in holds["opportunities"]},
        "company": {record["externalCompanyId"]: record for record in holds["companies"]},
        "role": roles,
    }
    wanted = {kind: {} for kind in there}
    rows = database.execute("SELECT kind, key, desired, lead FROM outbox WHERE desired IS NOT NULL AND stage = 'settled'")
    for kind, key, desired, lead in rows:
        opportunity, _, role = key.partition("/")
        name = (opportunity, lead, role.partition("/")[2]) if kind == "role" else key
        wanted[kind][name] = json.loads(desired)
    # A role is sent with its lead, not its contact, and an empty value counts as absent.
    unlike = sum(
        record.get(field) != value
        for kind, records in wanted.items() for name, fields in records.items()
        for record in [there[kind].get(name, {})] for field, value in fields.items() if field not in ("contact", "lead")
    )
    faults = {"missing": 0, "unexpected": 0, "different values": unlike}
    for kind, records in wanted.items():
        faults["missing"] += len(records.keys() - there[kind].keys())
        # Companies are never deleted.
        faults["unexpected"] += len(there[kind].keys() - records.keys()) if kind != "company" else 0
    return ", ".join(f"{len(records)} {kind}" for kind, records in wanted.items()), faults


def main():
    database, what = open_database(sys.argv[1]), sys.argv[2]
    if what in QUERIES:
        print(digest(database, QUERIES[what]))
    elif what == "waits":
        print(*database.execute("SELECT (SELECT count(*) FROM unapplied), (SELECT count(*) FROM stale)").fetchone())
    elif what == "unsent":
        unsent = "SELECT count(*) FROM outbox WHERE stage != 'settled' AND held_for IS NULL"
        print(database.execute(unsent).fetchone()[0])
    else:
        words, faults = sound(database) if what == "sound" else {"kept": kept, "held": held}[what](database, sys.argv[3])
        faults = {name: count for name, count in faults.items() if count}
        print(words + "".join(f", {count} {name}" for name, count in faults.items()))
        sys.exit(1 if faults else 0)


main()
