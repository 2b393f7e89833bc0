#!/usr/bin/env python3
"""conform.py ONEWAY [--examples N] [--seed N]: runs schemathesis, all checks, against both listeners of a service with data
in it."""
import argparse, os, pathlib, signal, subprocess, sys, tempfile, yaml
from world import MARKETO_USER, World, account, contact, opportunity, reference

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KEY, TOKEN = "a-key-of-dynamics-for-the-proof", "a-token-of-operators-for-the-proof"
GUARDED = {
    "ONEWAY_DYNAMICS_ANONYMOUS": "false", "ONEWAY_DYNAMICS_HEADERS": f'{{"x-oneway-key": ["{KEY}"]}}',
    "ONEWAY_ADMIN_TOKEN": TOKEN,
}
HEADERS = {"x-oneway-key": KEY, "Authorization": f"Bearer {TOKEN}"}
# Named after openapi.yaml's security schemes.
KEYS = f"""
[auth.openapi.header]
api_key = "{KEY}"
[auth.openapi.code]
api_key = "{KEY}"
[auth.openapi.token]
bearer = "{TOKEN}"
[auth.openapi.password]
username = "anybody"
password = "{TOKEN}"
"""
PROBES = ["/healthz", "/readyz"]


def live(world):
    """Some records that were sent, one that Marketo refuses, one that waits; quarantined and refused notifications."""
    world.sandbox("leads", [{"externalPersonId": contact(1)}])
    world.notify("account", account(1), {"name": "Customer 1 AG"})
    world.notify("contact", contact(1), {"parentcustomerid": reference("account", account(1))})
    world.create(1, "Quay lighting", reference("contact", contact(1)))
    world.create(2, "Harbour cranes", reference("contact", contact(2)))
    world.until("the first in Marketo", lambda status: status["outbox"]["settled"] >= 3)
    world.sandbox("faults", {"fault": "record", "code": "1003", "key": opportunity(3), "path": "opportunities"})
    world.create(3, "Broken bridge", reference("account", account(1)))
    world.notify("opportunity", opportunity(4), {"name": "Made by Marketo"}, "Create", MARKETO_USER)
    world.send(b"{")
    world.send({"PrimaryEntityName": "opportunity", "MessageName": "Update", "PrimaryEntityId": "not-a-guid"})
    # The one that openapi.yaml's examples name.
    world.send((ROOT / "examples/notifications/opportunity-created-contact.json").read_bytes())
    world.until("one parked", lambda status: status["outbox"]["parked"] >= 1 and status["inbox"]["unapplied"] == 0)


class Proof:
    def __init__(self, options, folder):
        self.options, self.folder, self.findings = options, pathlib.Path(folder), 0
        document = yaml.safe_load((ROOT / "openapi.yaml").read_text())
        self.documents = {"as it is": self.write("openapi.yaml", document)}
        # A service with keys accepts no request without one, so the document's alternative of no key does not apply there.
        for path in document["paths"].values():
            for operation in path.values():
                if "security" in operation:
                    operation["security"] = [way for way in operation["security"] if way]
        self.documents["with keys"] = self.write("guarded.yaml", document)

    def write(self, name, document):
        (self.folder / name).write_text(yaml.safe_dump(document, sort_keys=False))
        return self.folder / name

    def service(self, name, settings, headers, runs):
        world = World(self.options.binary, settings, headers)
        try:
            live(world)
            for what, *run in runs(world):
                self.hold(f"{name}: {what}", *run)
            if world.service.poll() is not None:
                self.complain(f"{name}: the service ended with {world.service.returncode}")
            world.until(f"{name}: an answer after the run", lambda _: True)
        finally:
            world.stop()

    def hold(self, name, document, url, chosen, keys=""):
        print(f"\n=== {name}", flush=True)
        settings = self.folder / "schemathesis.toml"
        settings.write_text((HERE / "schemathesis.toml").read_text() + keys)
        command = [
            str(pathlib.Path(sys.executable).parent / "schemathesis"), "--config-file", str(settings),
            "run", str(self.documents[document]), "--url", url, "--mode", "all", "--no-color",
            "--continue-on-failure", "--max-examples", str(self.options.examples), "--seed", str(self.options.seed),
            "--generation-database", "none", "--request-timeout", "30", *chosen]
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
        if subprocess.run(command, cwd=self.folder, env=environment).returncode != 0:
            self.complain(name)

    def complain(self, text):
        print(f"! {text}", flush=True)
        self.findings += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # So that the service and the stand-in are stopped as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    public = ["--include-tag", "public"]
    admin = ["--include-tag", "admin", "--include-tag", "pages"]
    probes = [word for path in PROBES for word in ("--include-path", path)]
    with tempfile.TemporaryDirectory() as folder:
        proof = Proof(options, folder)
        proof.service("a service with keys", GUARDED, HEADERS, lambda world: [
            ("the admin listener", "with keys", world.admin, admin, KEYS),
            ("the admin listener, no token sent", "as it is", world.admin, admin),
            ("the admin listener's probes", "with keys", world.admin, probes),
            ("the public listener", "with keys", world.outside, public, KEYS),
            ("the public listener, no key sent", "as it is", world.outside, public),
        ])
        proof.service("a service without keys", {}, {}, lambda world: [
            ("the admin listener", "as it is", world.admin, admin),
            ("the public listener", "as it is", world.outside, public),
        ])
    if proof.findings:
        sys.exit(f"\n{proof.findings} of the runs have findings.")
    print("\nBoth listeners do what openapi.yaml says.")


main()
