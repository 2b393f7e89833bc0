"""PostgreSQL servers of our own: a primary and its synchronous standby."""
import os, pathlib, shutil, signal, subprocess, time

SCRIPTS = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), default=None)
OWNER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


class Server:
    count = 0

    def __init__(self, standby_of=None):
        Server.count += 1
        # Its owner has to reach it.
        self.folder = f"/tmp/oneway-prove-replicas-{os.getpid()}-{Server.count}"
        role = {"ONEWAY_STANDBY_OF": str(standby_of.port)} if standby_of else {}
        started = subprocess.run(
            [SCRIPTS / "throwaway-postgresql", self.folder, str(os.getpid()), "max_connections=60", "wal_keep_size=1GB",
             "wal_retrieve_retry_interval=500ms"],
            env=os.environ | role, stdout=subprocess.PIPE, text=True, check=True)
        self.port = int(started.stdout.split()[-1])

    def ask(self, sql, seconds=20):
        """The first column of the answer, or an error."""
        asked = subprocess.run(
            ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", f"postgresql://oneway@127.0.0.1:{self.port}/postgres?connect_timeout=5"],
            input=sql, capture_output=True, text=True, timeout=seconds)
        if asked.returncode:
            raise OSError(asked.stderr)
        return asked.stdout.strip()

    def control(self, *words):
        """pg_ctl; waits until it is done."""
        # Not through a pipe: the server would keep it open.
        with open(f"{self.folder}/control.log", "a+", encoding="utf-8") as log:
            done = subprocess.run([*OWNER, PROGRAMS / "pg_ctl", "-D", "data", "-w", "-t", "60", "-l", "server.log", *words],
                                  cwd=self.folder, stdout=log, stderr=log)
            log.seek(0)
            if done.returncode:
                server = pathlib.Path(f"{self.folder}/server.log").read_text(encoding="utf-8")
                raise OSError(f"pg_ctl {' '.join(words)}: {log.read()[-500:]}{server[-1000:]}")

    def kill(self):
        """kill -9 of all its processes."""
        folder = pathlib.Path(self.folder)
        main = (folder / "data/postmaster.pid").read_text().split()[0]
        processes = [main, *pathlib.Path(f"/proc/{main}/task/{main}/children").read_text().split()]
        for process in processes:
            try:
                os.kill(int(process), signal.SIGKILL)
            except ProcessLookupError:
                pass
        while any(is_alive(process) for process in processes):
            time.sleep(0.01)
        # In a container whose first process does not collect the dead ones, it would count as running.
        for file in [folder / "data/postmaster.pid", *folder.glob(".s.PGSQL.*")]:
            file.unlink()


def is_alive(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Pair:
    """The one that can be written to, and the standby that has to confirm each commit."""

    def __init__(self):
        self.primary = Server()
        self.add_standby()

    def add_standby(self):
        """In this order: the copy must not wait for a standby of its own once it is the primary."""
        self.standby = Server(standby_of=self.primary)
        self.primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.primary.ask("SELECT pg_reload_conf()")
        for _ in range(200):
            if self.primary.ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1":
                return
            time.sleep(0.1)
        raise OSError("the standby does not confirm")

    def confirms(self):
        """Waits until a commit is confirmed by the standby: only then the database is back."""
        self.primary.ask("SELECT pg_current_xact_id()", 60)

    def fail_over(self):
        """Afterwards a standby is missing, so that commits wait for nobody."""
        dead = self.primary
        dead.kill()
        self.standby.control("promote")
        self.primary, self.standby = self.standby, None
        shutil.rmtree(f"{dead.folder}/data", ignore_errors=True)
