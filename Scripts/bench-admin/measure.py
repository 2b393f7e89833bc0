#!/usr/bin/env python3
"""measure.py ONEWAY [--notifications N] [--records N] [--parked N]: fills a store and times every answer of the admin
listener; then starts long jobs, and times other requests meanwhile."""
import argparse, json, os, pathlib, random, sqlite3, statistics, subprocess, sys, tempfile, time, urllib.request, uuid
from meanwhile import Meanwhile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/notifications/opportunity-created-contact.json"
EXAMPLE_ID = "5e6f0001-71b4-ef11-a72f-6045bd905a01"
# Its customer, who is in a few of the notifications; the rest use the other example.
PERSON, PERSONS = "3c4d0001-71b4-ef11-a72f-6045bd905a01", 2_000
OTHER = ROOT / "examples/notifications/opportunity-won.json"
BUSY = "0b500000-0000-4000-8000-000000000001"
CODES = ["603", "611", "701", "1001", "1002", "1003", "1004", "1006", "1007", "1008", "1011", "1022"]
WAITS = ["lead", "company", "name", "customer", "opportunity"]
# One company has very many opportunities, which are all settled or pending; the others have twenty.
LARGE, COMPANIES = uuid.UUID("0b700000-0000-4000-8000-000000000000"), 5_000


class Service:
    def __init__(self, binary, folder):
        settings = {"ONEWAY_STORE": f"sqlite:{folder}/oneway.db", "ONEWAY_PUBLIC_PORT": "0", "ONEWAY_ADMIN_PORT": "0",
                    "ONEWAY_LOG_FORMAT": "json", "ONEWAY_LIMITS_DISK_FREE_MEGABYTES_MIN": "0"}
        self.program = subprocess.Popen([binary, "serve", "--config", str(ROOT / "examples/try.yaml")],
                                        env={**os.environ, **settings}, stderr=subprocess.PIPE, text=True)
        self.ports = {}
        while len(self.ports) < 2:
            entry = json.loads(self.program.stderr.readline())
            if "listener" in entry:
                self.ports[entry["listener"]] = entry["port"]

    def ask(self, path, body=None, listener="admin", accept="application/json"):
        address = f"http://127.0.0.1:{self.ports[listener]}{path}"
        request = urllib.request.Request(address, body, {"Content-Type": "application/json", "Accept": accept})
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def stop(self):
        self.program.terminate()
        self.program.wait(60)


def company(number): return uuid.UUID(f"0b7{number:05x}-0000-4000-8000-000000000000")


def opportunity(number): return uuid.UUID(f"0b5{number:05x}-0000-4000-8000-000000000001")


def fill(path, notifications, records, parked):
    db = sqlite3.connect(path)
    chance = random.Random(1)
    db.execute("PRAGMA synchronous = OFF")
    started, step = int(time.time() * 1000) - 14 * 86_400_000, 14 * 86_400_000 // notifications
    # Already packed by the service.
    bodies = db.execute("SELECT plain_bytes, bytes FROM body ORDER BY id").fetchall()

    def arrivals():
        for number in range(notifications):
            at = started + number * step
            kind = chance.random()
            outcome = "ignored" if kind < 0.009 else "quarantined" if kind < 0.0099 else "refused" if kind < 0.01 else "accepted"
            # One opportunity changes very often.
            name = uuid.UUID(BUSY) if number % 50 == 0 else opportunity(chance.randrange(records // 2))
            yield (at << 19, number.to_bytes(16, "big"), at, outcome, "Update", "opportunity", name.bytes, name.bytes,
                   "unusable" if outcome == "quarantined" else None, "\tat /Depth: this should be a number", len(bodies[1][1]),
                   1 if outcome in ("ignored", "quarantined") else 0)

    db.executemany("INSERT INTO inbox VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", arrivals())
    some = notifications // PERSONS or 1
    for rest, body in [("= 0", bodies[0]), ("<> 0", bodies[1])]:
        db.execute(f"""INSERT INTO body SELECT id, ?, ? FROM inbox
            WHERE id NOT IN (SELECT id FROM body) AND outcome <> 'ignored' AND (received_at - {started}) / {step} % {some} {rest}""", body)
    db.execute("INSERT OR IGNORE INTO inbox_opportunity SELECT opportunity, id FROM inbox")
    db.execute("UPDATE inbox SET body_bytes = 0 WHERE outcome = 'ignored'")

    mirrored = db.execute("SELECT record FROM mirror WHERE entity = 'opportunity'").fetchone()[0]
    own = uuid.UUID(EXAMPLE_ID).bytes
    columns = [row[1] for row in db.execute("PRAGMA table_info(outbox)")]
    row = dict.fromkeys(columns)
    row.update(version=1, lane=0, attempts=0, claim=1, is_claimed=0, is_in_doubt=0)
    for number in range(records):
        name = opportunity(number // 2)
        this = dict(row)
        if number % 2 == 0:
            this.update(kind="opportunity", key=str(name), opportunity=name.bytes)
            db.execute("INSERT OR IGNORE INTO mirror VALUES ('opportunity', ?, ?)", (name.bytes, mirrored.replace(own, name.bytes)))
            words(db, "opportunity", name, f"quay lighting {number}")
        else:
            this.update(kind="role", key=f"{name}/{uuid.UUID(int=number)}/Customer", opportunity=name.bytes)
        wanted = json.dumps({"externalOpportunityId": str(name), "name": f"Quay lighting {number}", "amount": number})
        this.update(desired=wanted.encode(), confirmed=wanted.encode(), stage="settled", reasons="R4\tsays so")
        kind = number % 10
        if kind in (0, 1):
            this.update(stage="parked", code=CODES[number // 10 % len(CODES)], message="Marketo says no", request_id="a#1", confirmed=None)
        elif kind in (2, 3):
            this.update(stage="waiting", waiting_for=WAITS[number // 10 % len(WAITS)], waiting_since=started + number, next_at=started * 2, confirmed=None)
        elif kind == 4:
            this.update(stage="pending", next_at=started * 2, pending_since=started, code="611", message="again", confirmed=None)
        db.execute(f"INSERT OR REPLACE INTO outbox ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})",
                   [this[column] for column in columns])
    for number in range(parked):
        name = uuid.UUID(f"0b6{number:05x}-0000-4000-8000-000000000001")
        row.update(kind="opportunity", key=str(name), opportunity=name.bytes, desired=wanted.encode(), confirmed=None,
                   stage="parked", code="1003", message="Marketo says no", request_id="a#1", attempts=1, waiting_for=None,
                   next_at=None, pending_since=None)
        db.execute(f"INSERT OR REPLACE INTO outbox ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})",
                   [row[column] for column in columns])
        words(db, "opportunity", name, f"harbour cranes {number}")
    for number in range(COMPANIES):
        words(db, "account", company(number), f"{number} shipping gmbh")
    stand(db, started)
    busy = uuid.UUID(BUSY)
    db.execute("INSERT OR REPLACE INTO mirror VALUES ('opportunity', ?, ?)", (busy.bytes, mirrored.replace(own, busy.bytes)))
    for number in range(10_000):
        db.execute("INSERT OR IGNORE INTO refusal (door, who, opportunity, at, count, allowed) VALUES ('marketo-webhook', ?, x'', ?, 1, 0)",
                   (f"10.0.{number // 256}.{number % 256}", started))
    count(db)
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def words(db, entity, name, text):
    db.execute("""INSERT INTO search_words (entity, id, words) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET words = excluded.words""", (entity, name.bytes, text))


def stand(db, started):
    """Writes how each opportunity is listed, as the service would."""
    db.create_function("company", 2, lambda number, state: (
        LARGE if state in ("settled", "pending") and number % 3 == 0 else company(number % COMPANIES)).bytes)
    db.execute(f"""
        INSERT OR REPLACE INTO standing (id, state, waiting_for, waiting_since, code, account, confirmed_at, changed_at)
        SELECT opportunity, state, waiting_for, waiting_since, code, company(row_number() OVER (), state), confirmed_at,
            {started} + row_number() OVER () * 3000
        FROM (
            SELECT opportunity,
                CASE WHEN sum(stage = 'parked') THEN 'parked' WHEN sum(stage = 'waiting') THEN 'waiting'
                    WHEN sum(stage = 'pending') THEN 'pending' ELSE 'settled' END AS state,
                max(waiting_for) AS waiting_for, min(waiting_since) AS waiting_since, max(code) AS code,
                max(CASE WHEN stage = 'settled' THEN {started} END) AS confirmed_at
            FROM outbox WHERE opportunity IS NOT NULL GROUP BY opportunity)""")


def count(db):
    """Sets the counters and groups that the service keeps."""
    values = dict(db.execute("SELECT outcome, count(*) FROM inbox GROUP BY 1"))
    values["bodyBytes"] = db.execute("SELECT sum(body_bytes) FROM inbox").fetchone()[0]
    values["refusals"] = db.execute("SELECT count(*) FROM refusal").fetchone()[0]
    for kind, stage, rows in db.execute("SELECT kind, stage, count(*) FROM outbox GROUP BY 1, 2"):
        values[kind + stage.capitalize()] = rows
    for state, rows in db.execute("SELECT state, count(*) FROM standing GROUP BY 1"):
        values["standing" + state.capitalize()] = rows
    for name, key in [("briefIgnored", "ignored"), ("briefQuarantined", "quarantined")]:
        values[name] = db.execute("SELECT count(*) FROM inbox WHERE outcome = ? AND gives_way = 1", (key,)).fetchone()[0]
    values["briefQuarantinedBytes"] = db.execute(
        "SELECT sum(body_bytes) FROM inbox WHERE outcome = 'quarantined' AND gives_way = 1").fetchone()[0]
    db.executemany("INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", values.items())
    db.execute("DELETE FROM outbox_group")
    db.execute("""INSERT INTO outbox_group SELECT stage, coalesce(CASE stage WHEN 'parked' THEN code ELSE waiting_for END, ''), kind,
        count(*) FROM outbox WHERE stage IN ('parked', 'waiting') GROUP BY 1, 2, 3""")


def measure(service, path, limit, body=None, accept="application/json", rounds=40):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        answer = service.ask(path, body, accept=accept)
        times.append((time.perf_counter() - start) * 1000)
    middle, worst = statistics.median(times), sorted(times)[int(len(times) * 0.95) - 1]
    mark = "" if worst < limit else f"  over {limit} ms"
    print(f"{middle:9.1f} {worst:9.1f} {times[0]:9.1f} {len(answer):9}  {path}{mark}")
    return worst < limit


def thousand(service):
    """The newest accepted notifications, as many as a replay reads at once."""
    pages = [json.loads(service.ask("/api/inbox?outcome=accepted&limit=500"))]
    pages.append(json.loads(service.ask(f"/api/inbox?outcome=accepted&limit=500&after={pages[0]['next']}")))
    return [item["notification"] for page in pages for item in page["items"]]


def long(service):
    """Long jobs run in steps, so that other requests can run between them."""
    lines = "\n".join(json.dumps({"account": str(opportunity(number)), "name": f"Customer {number}"}) for number in range(1000))
    return all([
        alone(service, what, path, body if isinstance(body, str) else json.dumps(body)) for what, path, body in [
            ("reading 1,000 notifications again", "/api/inbox/replay", {"notifications": thousand(service)}),
            ("importing 1,000 accounts", "/api/import", lines),
            ("trying all parked and waiting records again", "/api/outbox/retry", {"all": True}),
            ("erasing a person", "/api/erase", {"contact": PERSON}),
        ]])


def alone(service, what, path, body):
    start = time.monotonic()
    with Meanwhile(service) as others:
        answer = json.loads(service.ask(path, body.encode()))
        answered = time.monotonic() - start
        while answer.get("state") == "running":
            time.sleep(0.5)
            answer = json.loads(service.ask(f"{path}?contact={PERSON}"))
        while json.loads(service.ask("/api/status"))["inbox"]["unapplied"] > 100:
            time.sleep(0.1)
    says = json.dumps({name: value for name, value in answer.items() if name not in ("changes", "reasons")})
    print(f"{what}: answered after {answered:.1f} s, done after {time.monotonic() - start:.1f} s: {says}")
    return others.tell(100)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--notifications", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--parked", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(options.binary, folder)
        for example in (EXAMPLE, OTHER):
            service.ask("/dynamics/notifications", example.read_bytes(), "public")
        while json.loads(service.ask("/api/status"))["inbox"]["unapplied"]:
            time.sleep(0.05)
        service.stop()
        start = time.monotonic()
        fill(f"{folder}/oneway.db", options.notifications, options.records, options.parked)
        # Otherwise the service's first fsyncs wait until the disk has written all of this.
        os.sync()
        size = os.path.getsize(f"{folder}/oneway.db") >> 20
        print(f"{options.notifications} notifications, {options.records + options.parked} records, {size} MB, filled in {time.monotonic() - start:.0f} s")
        service = Service(options.binary, folder)
        print(f"{'median':>9} {'95 %':>9} {'first':>9} {'bytes':>9}  milliseconds")
        some, newest = opportunity(7), json.loads(service.ask("/api/inbox?limit=1"))["items"][0]["notification"]
        middle = f"{int(time.time() * 1000) - 14 * 86_400_000 + 200_000_000}/{some}"
        page = "text/html"
        paths = [
            ("/", page), (f"/opportunities/{some}", page), (f"/opportunities/{BUSY}", page), ("/parked", page),
            ("/parked?code=1007", page), ("/parked?code=611&kind=role", page), ("/waiting", page), ("/waiting?for=lead", page),
            ("/quarantine", page), ("/refusals", page), ("/search?q=quay", page), ("/search?q=quay%20lighting%2099", page),
            ("/search?q=ghting%20998", page), ("/api/find?q=ting&limit=500", None), ("/api/find?q=qu", None),
            ("/api/find?q=nothing%20of%20the%20kind", None), ("/api/outbox?waitingFor=lead", None),
            ("/opportunities", page), ("/opportunities?state=parked", page), ("/opportunities?state=waiting&waitingFor=lead", page),
            ("/opportunities?state=settled&order=oldest", page), (f"/opportunities?company={company(7)}", page),
            (f"/opportunities?company={LARGE}&state=parked", page), ("/search?q=shipping", page),
            ("/api/opportunities?limit=500", None), ("/api/opportunities?code=1003&limit=500", None),
            ("/api/opportunities?waitingFor=lead&order=oldest", None), ("/api/opportunities?changedSince=2020-01-01T00:00:00Z", None),
            (f"/api/opportunities?company={LARGE}&waitingFor=lead", None), ("/api/opportunities?state=deleted", None),
            (f"/api/opportunities?code=1003&after={middle}", None), ("/api/waiting/people?limit=500", None),
            ("/api/waiting/people?limit=500&format=csv", None),
            ("/api/status", None), ("/api/inbox", None), ("/api/inbox?limit=500", None), ("/api/inbox?outcome=quarantined", None),
            (f"/api/inbox?opportunity={some}", None), (f"/api/inbox?opportunity={BUSY}", None),
            (f"/api/inbox?after={newest}&outcome=refused", None), ("/api/inbox?from=2020-01-01&to=2020-01-02", None),
            ("/api/outbox", None), ("/api/outbox?state=parked", None), ("/api/outbox?state=parked&code=611", None),
            ("/api/outbox?state=parked&kind=role&code=1007", None), ("/api/outbox?code=611&limit=500", None),
            ("/api/outbox?state=waiting&kind=role&limit=500", None), (f"/api/opportunities/{some}", None),
            (f"/api/opportunities/{BUSY}", None), ("/api/refusals", None), ("/api/refusals?limit=500", None),
        ]
        isGood = [measure(service, path, 100, accept=accept or "application/json") for path, accept in paths]
        isGood.append(measure(service, "/api/explain", 100, EXAMPLE.read_bytes()))
        replay = json.dumps({"notifications": [newest], "dryRun": True}).encode()
        isGood.append(measure(service, "/api/inbox/replay", 100, replay))
        isGood.append(measure(service, "/metrics", 20))
        isGood.append(long(service))
        service.stop()
    if not all(isGood):
        sys.exit("too slow")


main()
