#!/usr/bin/env python3
"""Three replicas on one PostgreSQL under load, and what can happen to them: nothing that was acknowledged is lost, Marketo
ends up with the newest state and never goes back, and no record is in two calls at once.

usage: replicas PROGRAM [--next PROGRAM] [--rounds N] [--stopped SECONDS] [--cut SECONDS] [--rate N] [--only FAULT,...]"""
import argparse, collections, datetime, json, os, random, shutil, signal, subprocess, sys, tempfile, time, urllib.error, urllib.request
import database, history
from load import Load, contact
from service import Replica, Ways, ask, wait

# Most of the budget is used, but not all of it: whoever takes over counts up to 14 calls more than were made, and where the
# budget is used up, the earlier leader would have had to wait, too.
CALLS_PER_20_SECONDS, CALL_SECONDS, FLUSH_MILLISECONDS = 80, 0.8, 1000
RESUMED_SECONDS_MAX, SETTLED_SECONDS_MAX = 10, 150


class Cluster:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.pair = database.Pair()
        self.ways = Ways(3)
        self.ways.lead_to(self.pair)
        program = os.path.abspath(arguments.program)
        self.sandbox = subprocess.Popen([program, "sandbox", "--port", "0", "--auto-leads", "--json"], stdout=subprocess.PIPE, text=True)
        told = json.loads(self.sandbox.stdout.readline())
        self.marketo = told["endpoint"]
        ask(f"{self.marketo}/sandbox/limits", {"callsPer20Seconds": CALLS_PER_20_SECONDS, "concurrentCalls": 10})
        # As slow as Marketo, so that calls are under way when something happens.
        ask(f"{self.marketo}/sandbox/faults", {"fault": "none", "delay": CALL_SECONDS, "times": None})
        settings = {
            "ONEWAY_DYNAMICS_ANONYMOUS": "true", "ONEWAY_PUBLIC_ADDRESS": "127.0.0.1", "ONEWAY_PUBLIC_PORT": "0", "ONEWAY_ADMIN_PORT": "0",
            "ONEWAY_MARKETO_ENDPOINT": self.marketo, "ONEWAY_MARKETO_CLIENT_ID": told["clientId"],
            "ONEWAY_MARKETO_CLIENT_SECRET": told["clientSecret"], "ONEWAY_MARKETO_CALLS_PER_20_SECONDS": str(CALLS_PER_20_SECONDS),
            "ONEWAY_MARKETO_FLUSH_AFTER_MILLISECONDS": str(FLUSH_MILLISECONDS), "ONEWAY_LOG_FORMAT": "json", "ONEWAY_LOG_LEVEL": "info",
        }
        self.replicas = [Replica(number, program, settings | {"ONEWAY_STORE": self.ways.store(number)}, folder) for number in range(3)]
        for replica in self.replicas:
            replica.start()
        self.well()
        self.load = Load(self.replicas, arguments.rate)
        self.checked, self.first_call = set(), None

    def leader(self):
        process = self.pair.primary.ask("SELECT split_part(replica, '-', 1) FROM term")
        return next(replica for replica in self.replicas if str(replica.process.pid) == process)

    def well(self, seconds=60):
        """Waits until all are ready and exactly one leads."""
        wait("all replicas are ready", lambda: all(replica.readiness() == "ready" for replica in self.replicas), seconds)
        wait("exactly one replica leads", lambda: sum(self.leads(replica) for replica in self.replicas) == 1, seconds)

    @staticmethod
    def leads(replica):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{replica.ports['admin']}/metrics", timeout=5) as answer:
                return b"\noneway_leads 1\n" in answer.read()
        except OSError:
            return False

    def resumed(self, since):
        """How long it took until Marketo had something that was sent after that."""
        def is_there():
            for opportunity in self.load.arrived_after(since):
                try:
                    ask(f"{self.marketo}/sandbox/opportunities/{opportunity}")
                    return True
                except urllib.error.HTTPError:
                    pass
            return False
        wait("something is forwarded again", is_there, 120)
        return time.time() - since

    # MARK: What happens. Each answers since when forwarding is to be resumed, and what ends the fault.

    def leader_killed(self):
        leader, now = self.leader(), time.time()
        leader.send(signal.SIGKILL)
        return now, leader.start

    def leader_stopped(self):
        leader, now = self.leader(), time.time()
        leader.send(signal.SIGSTOP)

        def go_on():
            # Some pauses last longer than a new leader waits for what was in a call.
            time.sleep(max(0, now + self.arguments.stopped + random.choice([0, 15]) - time.time()))
            leader.send(signal.SIGCONT)
        return now, go_on

    def leader_cut_off(self):
        leader, now = self.leader(), time.time()
        self.ways.cut(leader.number)

        def mend():
            # A balancer must not send to it, and it must know that another leads.
            wait("the one that is cut off is not ready", lambda: "store" in leader.readiness(), 15)
            time.sleep(max(0, now + self.arguments.cut - time.time()))
            self.ways.mend(leader.number)
        return now, mend

    def database_restarted(self):
        self.pair.primary.control("restart", "-m", "fast")
        self.pair.confirms()
        return time.time(), lambda: None

    def database_killed(self):
        """Now and then it stays away, until all who wait for it look only every few seconds."""
        self.pair.primary.kill()
        time.sleep(random.choice([0, 5, 20]))
        self.pair.primary.control("restart")
        self.pair.confirms()
        return time.time(), lambda: None

    def database_failed_over(self):
        self.pair.fail_over()
        now = time.time()

        def add():
            self.pair.add_standby()
            self.ways.lead_to(self.pair)
        return now, add

    def replaced(self):
        """As an update does it; with --next to another version and back."""
        for replica in self.replicas:
            code = replica.send(signal.SIGTERM)
            if code != 0:
                raise SystemExit(f"FAILED: SIGTERM ended replica {replica.number} with {code}: {replica.tail()}")
            if self.arguments.next:
                programs = [os.path.abspath(self.arguments.program), os.path.abspath(self.arguments.next)]
                replica.program = programs[programs.index(replica.program) - 1]
            replica.start()
            wait(f"replica {replica.number} is ready", lambda: replica.readiness() == "ready")
        return time.time(), lambda: None

    # MARK: What is checked

    def kept(self, everything=False):
        """The notifications acknowledged since the last check that are not stored, or under two ids."""
        names = self.load.acknowledged()
        fresh = {operation: each for operation, each in names.items() if everything or operation not in self.checked}
        self.checked |= set(fresh)
        told = ",".join(name for each in fresh.values() for name in each)
        lost = int(self.pair.primary.ask(f"""SELECT count(*) FROM unnest('{{{told}}}'::text[]) AS told
            WHERE NOT EXISTS (SELECT FROM inbox WHERE id = ('x' || told)::bit(64)::bigint)""", 60))
        return lost, sum(len(each) > 1 for each in names.values()), len(names)

    def writes(self):
        # In this order: each entry's call is among the calls.
        entries = ask(f"{self.marketo}/sandbox/history")
        self.first_call = self.first_call or entries[0]["call"]
        if entries[0]["call"] != self.first_call:
            raise SystemExit("FAILED: the stand-in has forgotten the oldest calls: there were too many rounds")
        calls = {call["number"]: call for call in ask(f"{self.marketo}/sandbox/calls")["calls"]}
        written = []
        for entry in entries:
            call, state = calls[entry["call"]], entry["state"] or {}
            registers = {}
            if entry["kind"] == "opportunities":
                registers = {name: read(state[name]) for name, read in READ.items() if name in state}
            written.append(history.Write(
                entry["kind"], entry["key"], entry["call"], second(call["began"]), call["answered"] and second(call["answered"]),
                entry["status"] != "skipped", registers))
        return written

    def held(self):
        """What Marketo holds, as versions; and what is wrong with its roles."""
        holds = ask(f"{self.marketo}/sandbox", seconds=120)
        people = {lead["id"]: lead.get("externalPersonId") for lead in holds["leads"]}
        versions = {record["externalOpportunityId"]: {name: read(record[name]) for name, read in READ.items() if name in record}
                    for record in holds["opportunities"]}
        sent, roles = collections.defaultdict(dict), collections.defaultdict(list)
        for each in self.load.notifications:
            if "contact" in each.registers:
                person = contact(int(each.opportunity[-12:], 16), each.version)
                sent[each.opportunity][person] = max(each.version, sent[each.opportunity].get(person, 0))
        for role in holds["roles"]:
            roles[role["externalOpportunityId"]].append(people[role["leadId"]])
        for opportunity, persons in roles.items():
            if len(persons) == 1 and persons[0] in sent[opportunity]:
                versions[opportunity]["contact"] = sent[opportunity][persons[0]]
        return versions, [f"roles: {opportunity} has {persons}" for opportunity, persons in roles.items() if len(persons) != 1]


READ = {"name": lambda value: int(value.removeprefix("version ")), "amount": lambda value: int(float(value))}

FAULTS = {
    "killed": ("leader killed with -9", Cluster.leader_killed),
    "stopped": ("leader stopped and continued", Cluster.leader_stopped),
    "cut": ("leader cut off from the database", Cluster.leader_cut_off),
    "restarted": ("database restarted", Cluster.database_restarted),
    "crashed": ("database killed with -9", Cluster.database_killed),
    "failover": ("database failed over to its standby", Cluster.database_failed_over),
    "replaced": ("replicas replaced one by one", Cluster.replaced),
}


def second(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--next", help="another version, for the replicas that are replaced")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--stopped", type=float, default=60)
    parser.add_argument("--cut", type=float, default=20)
    parser.add_argument("--rate", type=float, default=30)
    parser.add_argument("--only", default=",".join(FAULTS))
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="oneway-prove-replicas-")
    failures, done, took = [], collections.Counter(), collections.defaultdict(list)

    def check(is_so, words):
        if not is_so:
            failures.append(words)
            print(f"  FAILED: {words}", flush=True)

    cluster = Cluster(arguments, folder)
    load = cluster.load
    try:
        names = arguments.only.split(",")
        for number in range(1, arguments.rounds + 1):
            words, fault = FAULTS[names[(number - 1) % len(names)]]
            cluster.resumed(time.time())
            time.sleep(random.uniform(2, 6))
            since, end = fault(cluster)
            seconds = cluster.resumed(since)
            end()
            cluster.well()
            lost, twice, count = cluster.kept()
            found = history.violations(load.notifications[:], cluster.writes(), None)
            most = ask(f"{cluster.marketo}/sandbox/calls")
            done[words] += 1
            took[words].append(seconds)
            print(f"round {number:2}  {words:36} forwarding after {seconds:4.1f} s; {count} acknowledged so far, "
                  f"at most {most['mostBegunIn20Seconds']} calls in 20 s", flush=True)
            check(seconds <= RESUMED_SECONDS_MAX, f"round {number}: forwarding was resumed only after {seconds:.1f} s")
            check(lost == 0 and twice == 0, f"round {number}: {lost} acknowledged and not stored, {twice} under two ids")
            check(not found, f"round {number}: {len(found)} violations, such as {found[:3]}")
            check(most["mostBegunIn20Seconds"] <= CALLS_PER_20_SECONDS, f"round {number}: more calls than the budget allows")
            check(not {"606", "615"} & set(most["codes"]), f"round {number}: Marketo complained of too many calls: {most['codes']}")
            check(not load.strange, f"round {number}: strange answers: {load.strange[:3]}")
            check(all(replica.process.poll() is None for replica in cluster.replicas), f"round {number}: a replica has ended")
        load.paused = True
        wait("everything is acknowledged", lambda: load.left() == 0, 60)
        unsettled = "SELECT (SELECT count(*) FROM unapplied) + (SELECT count(*) FROM stale) + (SELECT count(*) FROM outbox WHERE stage <> 'settled')"
        seconds = wait("everything is forwarded", lambda: cluster.pair.primary.ask(unsettled) == "0", SETTLED_SECONDS_MAX)
        load.ended = True
        lost, twice, count = cluster.kept(everything=True)
        writes, (held, roles) = cluster.writes(), cluster.held()
        found = history.violations(load.notifications, writes, held) + roles
        print(f"in the end  {count} acknowledged, {len(held)} opportunities in Marketo, {len(writes)} writes in the history; "
              f"all forwarded after {seconds:.0f} s; answers {dict(load.statuses)}")
        check(lost == 0 and twice == 0, f"{lost} acknowledged and not stored, {twice} under two ids")
        check(not found, f"{len(found)} violations, such as {found[:5]}")
        for replica in cluster.replicas:
            check(replica.send(signal.SIGTERM) == 0, f"replica {replica.number} did not end well: {replica.tail()}")
    finally:
        load.ended = True
        for process in [*(replica.process for replica in cluster.replicas), cluster.sandbox, cluster.ways.process]:
            process.kill()
        if failures or sys.exc_info()[0]:
            print(f"the logs of the replicas are in {folder}", flush=True)
        else:
            shutil.rmtree(folder)
    for words, rounds in done.items():
        print(f"  {rounds:2} x {words}: forwarding after {min(took[words]):.1f} to {max(took[words]):.1f} s")
    print("FAILED: " + "; ".join(failures) if failures else f"PASSED: {sum(done.values())} rounds, nothing lost, nothing older, nothing at once")
    sys.exit(1 if failures else 0)


main()
