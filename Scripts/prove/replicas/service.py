"""The replicas, and the way of each to the database."""
import json, os, pathlib, signal, subprocess, time, urllib.error, urllib.request


def ask(address, body=None, seconds=30):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data), timeout=seconds) as answer:
        return json.load(answer)


def wait(what, is_so, seconds=60):
    """How long it took."""
    begun = time.time()
    while not is_so():
        if time.time() > begun + seconds:
            raise SystemExit(f"FAILED: timed out after {seconds} s waiting until {what}")
        time.sleep(0.05)
    return time.time() - begun


class Ways:
    """Each replica reaches each of the two servers through a lane of its own."""

    def __init__(self, replicas):
        self.process = subprocess.Popen(["python3", pathlib.Path(__file__).with_name("proxy.py"), str(2 * replicas)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = json.loads(self.process.stdout.readline())
        self.servers = [None, None]

    def order(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        self.process.stdout.readline()

    def lead_to(self, pair):
        """A server that is new takes the place of the one that is gone."""
        for server in filter(None, (pair.primary, pair.standby)):
            if server not in self.servers:
                place = next(place for place in (0, 1) if self.servers[place] not in (pair.primary, pair.standby))
                self.servers[place] = server
                for lane in range(place, len(self.ports), 2):
                    self.order("route", lane, server.port)

    def store(self, number):
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports[2 * number:2 * number + 2])
        return f"postgresql://oneway@{hosts}/postgres?target_session_attrs=read-write"

    def cut(self, number):
        self.order("cut", 2 * number, 2 * number + 1)

    def mend(self, number):
        self.order("mend", 2 * number, 2 * number + 1)


class Replica:
    def __init__(self, number, program, settings, folder):
        self.number, self.program, self.settings = number, program, settings
        self.log = f"{folder}/replica-{number}.log"
        self.process = None
        self.starts = 0

    def start(self):
        self.starts += 1
        begin = os.path.getsize(self.log) if self.starts > 1 else 0
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([self.program, "serve"], env=os.environ | self.settings, stderr=log, cwd=os.path.dirname(self.log))
        self.ports = {}

        def listens():
            if self.process.poll() is not None:
                raise SystemExit(f"FAILED: replica {self.number} ended: {self.tail()}")
            with open(self.log, encoding="utf-8") as log:
                log.seek(begin)
                for line in log:
                    if '"listener"' in line and line.endswith("\n"):
                        entry = json.loads(line)
                        self.ports[entry["listener"]] = entry["port"]
            return len(self.ports) == 2
        wait(f"replica {self.number} listens", listens)

    def tail(self):
        return pathlib.Path(self.log).read_text(encoding="utf-8")[-2000:]

    def send(self, what):
        self.process.send_signal(what)
        if what in (signal.SIGKILL, signal.SIGTERM):
            return self.process.wait(60)

    def readiness(self):
        """Ready, not ready (with the reasons), or no answer."""
        try:
            return "ready" if ask(f"http://127.0.0.1:{self.ports['admin']}/readyz", seconds=3)["ready"] else "?"
        except urllib.error.HTTPError as error:
            return " ".join(json.load(error)["reasons"])
        except OSError:
            return "no answer"
