#!/usr/bin/env python3
"""look.py ONEWAY FOLDER PICTURE: brings a service into various states and checks its pages in a browser, then the
playground's; screenshots go to FOLDER, the documentation's picture of the playground to PICTURE, and those of the status page
and of a story beside it."""
import http.server, json, pathlib, queue, socket, sys, threading, time
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from playground import Playground, tour
from world import MARKETO_USER, World, account, contact, opportunity, reference

SIZES = {"wide": (1280, 900), "narrow": (400, 800)}
SCHEMES = ["light", "dark"]
HOSTILE = "Zürich \"><script>alert(1)</script><img src=x onerror=alert(2)> & Söhne 'GmbH'"
NAMES = ["Quay lighting", "Harbour cranes", "Pumps, second lot", "Cold store 7", "Ferry terminal roof", "Tram depot",
         "Water works", "Solar park Nord", "Station clocks", "Observatory dome"]


class Look:
    def __init__(self, browser, world, folder):
        self.browser, self.world, self.folder = browser, world, pathlib.Path(folder)
        self.complaints, self.pages = [], 0

    def context(self, scheme="light", size="wide", **more):
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce", **more)
        context.on("request", self.stays)
        context.on("console", lambda line: line.type in ("error", "warning") and self.complain(f"console: {line.text}"))
        context.on("weberror", lambda error: self.complain(f"script: {error.error}"))
        return context

    def stays(self, request):
        if not request.url.startswith(self.world.admin + "/"):
            self.complain(f"a request to another site: {request.url}")

    def complain(self, text):
        print("  !", text)
        self.complaints.append(text)

    def check(self, is_so, text):
        if not is_so:
            self.complain(text)

    def everywhere(self, name, path):
        """Both colour schemes, both sizes: axe, no horizontal scrolling, a screenshot."""
        for scheme in SCHEMES:
            for size in SIZES:
                with self.context(scheme, size) as context:
                    page = context.new_page()
                    answer = page.goto(self.world.admin + path)
                    self.check(answer.ok, f"{name}: {answer.status}")
                    where = f"{name} {scheme} {size}"
                    for violation in Axe().run(page).response["violations"]:
                        nodes = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:3])
                        self.complain(f"{where}: axe: {violation['id']}: {violation['help']}: {nodes}")
                    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    self.check(wide <= 0, f"{where}: {wide} px too wide")
                    page.screenshot(path=self.folder / f"{name}-{scheme}-{size}.png", full_page=True)
                    self.pages += 1

    # States

    def empty(self):
        self.everywhere("empty", "/")
        for path in ["opportunities", "parked", "waiting", "quarantine", "refusals", "search"]:
            self.everywhere(f"empty-{path}", f"/{path}")

    def busy(self):
        world = self.world
        world.sandbox("leads", [{"externalPersonId": contact(n)} for n in range(1, 60)])
        for number in range(1, 60):
            world.notify("account", account(number % 7), {"name": f"Customer {number % 7} AG"})
            world.notify("contact", contact(number), {"parentcustomerid": reference("account", account(number % 7))})
            world.create(number, f"{NAMES[number % 10]} {number}", reference("contact", contact(number)))
        world.until("half of the records in Marketo", lambda status: status["outbox"]["settled"] > 60)
        world.create(90, HOSTILE, reference("account", account(1)))
        world.until("all of it", lambda status: status["outbox"]["pending"] + status["inbox"]["unapplied"] == 0)
        self.everywhere("idle", "/")
        world.sandbox("faults", {"fault": "none", "delay": 15, "path": "opportunities"})
        for number in range(60, 85):
            world.create(number, f"{NAMES[number % 10]} {number}", reference("account", account(number % 7)))
        world.until("many records pending", lambda status: status["outbox"]["pending"] > 10)
        self.everywhere("busy", "/")
        world.until("all of it", lambda status: status["outbox"]["pending"] + status["inbox"]["unapplied"] == 0)

    def trouble(self):
        world = self.world
        # One at a time, because a call triggers only one fault.
        for number, code in [(101, "1003"), (102, "1003"), (103, "1001")]:
            world.sandbox("faults", {"fault": "record", "code": code, "key": opportunity(number), "path": "opportunities"})
            world.create(number, f"Broken bridge {number}", reference("account", account(number % 7)))
            world.until(f"{number} parked", lambda status: status["outbox"]["parked"] >= number - 100)
        world.sandbox("leads", [{"externalPersonId": contact(200)}, {"externalPersonId": contact(200)}])
        world.create(105, "Twins", reference("contact", contact(200)))
        for number in range(110, 118):
            world.create(number, f"Waits for its lead {number}", reference("contact", contact(number + 200)))
        world.create(120, None, reference("account", account(1)))
        world.notify("opportunity", opportunity(130), {"name": "Made by Marketo"}, "Create", MARKETO_USER)
        for _ in range(12):
            world.post(world.outside + "/marketo/opportunities", b"<xml>")
        world.send(b"{")
        world.send({"MessageName": "Update"})
        world.send({"PrimaryEntityName": "opportunity", "MessageName": "Update", "PrimaryEntityId": "not-a-guid"})
        world.until("parked ones", lambda status: status["outbox"]["parked"] >= 4 and status["outbox"]["waiting"] >= 9)
        self.everywhere("trouble", "/")
        for path in ["parked", "parked?code=1003", "waiting", "waiting?for=lead", "quarantine", "refusals", "opportunities",
                     "opportunities?state=waiting"]:
            self.everywhere("trouble-" + path.replace("?", "-").replace("=", "-"), f"/{path}")
        self.everywhere("search", "/search?q=waits")
        self.everywhere("story-settled", f"/opportunities/{opportunity(9)}")
        self.everywhere("story-parked", f"/opportunities/{opportunity(101)}")
        self.everywhere("story-waiting", f"/opportunities/{opportunity(110)}")
        self.everywhere("story-refused", f"/opportunities/{opportunity(130)}")
        self.everywhere("story-hostile", f"/opportunities/{opportunity(90)}")

    def documentation(self, folder):
        """A story with a late notification, and the status page."""
        world, late = self.world, opportunity(9)
        now = int(time.time())
        world.notify("opportunity", late, {"stepname": "4-Close"}, second=now)
        world.notify("opportunity", late, {"stepname": "2-Develop"}, second=now - 3600)
        world.until("both applied", lambda status: status["outbox"]["pending"] + status["inbox"]["unapplied"] == 0)
        with self.context() as context:
            page = context.new_page()
            page.goto(self.world.admin)
            page.screenshot(path=folder / "status.png")
            page.goto(f"{self.world.admin}/opportunities/{late}")
            self.check("late" in page.inner_text("#timeline"), "a late notification is seen to lose")
            page.locator("#timeline").scroll_into_view_if_needed()
            page.evaluate("document.getElementById('timeline').scrollIntoView()")
            page.screenshot(path=folder / "story.png")

    def alerted(self, binary):
        """The link of an alert leads to the page that says the same."""
        posted = queue.Queue()

        class Receiver(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                posted.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        receiver = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = f"http://127.0.0.1:{receiver.server_port}/"
        world = World(binary, {"ONEWAY_ALERTS_URL": address, "ONEWAY_ADMIN_PORT": str(port)})
        try:
            world.send(b"{")
            alert = posted.get(timeout=60)
            while alert["code"] != "quarantined":
                alert = posted.get(timeout=60)
            page = self.browser.new_page()
            page.goto(alert["link"])
            self.check(alert["sentence"] in page.inner_text("#health"), f"the page says the same as {alert}")
            page.close()
        finally:
            world.stop()
            receiver.shutdown()

    def stopped(self):
        self.world.sandbox("mode", {"mode": "denied"})
        self.world.create(140, "Nobody comes in", reference("account", account(2)))
        self.world.until("stopped", lambda status: status["marketo"]["state"] == "stopped")
        self.everywhere("stopped", "/")
        self.world.sandbox("mode", {"mode": "normal"})

    # User actions

    def people(self, has_scripts):
        world = self.world
        number = 101 if has_scripts else 102
        with self.context(java_script_enabled=has_scripts) as context:
            page = context.new_page()
            page.goto(world.admin)
            if has_scripts:
                page.keyboard.press("Tab")
                self.check(page.evaluate("document.activeElement.className") == "skip", "the first stop is the skip link")
            page.get_by_role("searchbox").fill(f"BROKEN bridge {number}")
            page.get_by_role("searchbox").press("Enter")
            page.get_by_role("link", name=f"Broken bridge {number}").click()
            self.check(page.url == f"{world.admin}/opportunities/{opportunity(number)}", f"the story is at {page.url}")
            self.check("1003" in page.locator("#marketo").inner_text(), "the story shows Marketo's code")
            page.get_by_role("button", name="Try again").first.click()
            self.check("1 record is tried again" in page.inner_text("main"), "the page says what was done")
            world.until("settled", lambda _: self.state(number) == "settled")
            page.goto(f"{world.admin}/opportunities/{opportunity(number)}")
            self.check("Marketo is up to date" in page.inner_text("#top"), "the story has a good end")

            page.goto(world.admin)
            page.get_by_role("button", name="Pause forwarding").click()
            self.check("paused" in page.inner_text("#health"), "paused")
            self.check(page.get_by_role("heading", level=1).inner_text().startswith("Nothing goes"), "and said so")
            if has_scripts:
                page.screenshot(path=self.folder / "paused.png", full_page=True)
            page.get_by_role("button", name="Resume forwarding").click()
            self.check("Forwarding has resumed" in page.inner_text("main"), "resumed")
            page.goto(f"{world.admin}/quarantine")
            page.get_by_role("button", name="Read again").first.click()
            self.check("1 notification is read again" in page.inner_text("main"), "one is read again")
            page.get_by_role("button", name="Read all of them again").click()
            self.check("3 notifications are read again" in page.inner_text("main"), "all are read again")
            self.check(page.url.startswith(f"{world.admin}/quarantine"), f"and the place stays: {page.url}")
            page.get_by_role("searchbox").fill(opportunity(9).upper())
            page.get_by_role("button", name="Find").click()
            self.check(page.url.endswith(f"/opportunities/{opportunity(9)}"), "an id leads to its story")

    def lists(self, has_scripts):
        """From the list with its filter to a story, whom Marketo lacks, a group tried again, and part of a name."""
        world, waiting = self.world, lambda: self.world.get("/api/status")["outbox"]["waiting"]
        with self.context(java_script_enabled=has_scripts) as context:
            page = context.new_page()
            page.goto(world.admin)
            page.get_by_role("link", name="Opportunities").click()
            page.get_by_label("State").select_option("waiting")
            page.get_by_label("Waits for").select_option("lead")
            page.get_by_role("button", name="Show", exact=True).click()
            listed = page.locator("#list tbody tr")
            found = world.get("/api/opportunities?state=waiting&waitingFor=lead")["items"]
            self.check(listed.count() == len(found) >= 8, f"{listed.count()} of {len(found)} are listed")
            self.check(page.get_by_label("State").input_value() == "waiting", "the filter stays")
            page.locator("#list").get_by_role("link", name="Waits for its lead 112").click()
            self.check(contact(312) in page.inner_text("#marketo"), "the story says what was looked up")
            self.check("Looked up: externalPersonId" in page.inner_text("#marketo"), "and in which field")
            page.goto(f"{world.admin}/opportunities?state=settled")
            company = page.locator("#list").get_by_role("link", name="Customer 3 AG").first
            company.click()
            self.check("Customer 3 AG" in page.inner_text("#filter"), "a company's opportunities")
            cells = page.locator("#list tbody tr td:nth-child(2)").all_inner_texts()
            self.check(len(cells) > 3 and set(cells) == {"Customer 3 AG"}, f"only they: {set(cells)}")

            page.get_by_role("navigation").get_by_role("link", name="Waiting").click()
            self.check(str(waiting()) in page.get_by_role("navigation").inner_text(), "the navigation counts")
            before = waiting()
            page.get_by_role("button", name="Try again all that wait for lead").click()
            self.check("records are tried again" in page.inner_text("main"), "a group is tried again")
            self.check(page.url.startswith(f"{world.admin}/waiting"), f"and the place stays: {page.url}")
            world.until("they wait again", lambda status: status["outbox"]["waiting"] == before)
            page.goto(f"{world.admin}/waiting?for=lead")
            with page.expect_download() as download:
                page.get_by_role("link", name="The missing people as CSV").click()
            lines = download.value.path().read_text().splitlines()
            self.check(lines[0].startswith("contact,name,email,field,value") and len(lines) > 8, f"the file: {lines[:2]}")

            page.get_by_role("searchbox").fill("ITS lead 11")
            page.get_by_role("searchbox").press("Enter")
            self.check(page.locator("tbody tr").count() == 8, "part of a name is found")
            page.get_by_role("searchbox").fill("söhne gmbh")
            page.get_by_role("searchbox").press("Enter")
            self.check(page.locator("tbody tr").count() == 0, "nothing is found where nothing is")
            page.get_by_role("searchbox").fill("zurich")
            page.get_by_role("searchbox").press("Enter")
            self.check(page.locator("tbody tr").count() == 1, "accents are folded")

    def state(self, number):
        return self.world.get(f"/api/opportunities/{opportunity(number)}")["state"]

    def fresh(self):
        """The script shows new data without moving focus or scroll position."""
        world = self.world
        with self.context() as context:
            page = context.new_page()
            page.goto(world.admin)
            page.evaluate("scrollTo(0, 300)")
            page.get_by_role("button", name="Pause forwarding").focus(timeout=1000)
            page.evaluate("scrollTo(0, 300)")
            before = page.inner_text("#figures")
            for number in range(150, 156):
                world.create(number, f"New {number}", reference("account", account(3)))
            page.wait_for_function("before => document.getElementById('figures').innerText !== before", arg=before,
                                   timeout=20_000)
            self.check(page.evaluate("document.activeElement.id") == "pause", "focus stays")
            self.check(page.evaluate("scrollY") == 300, "the place stays")
            page.get_by_role("button", name="Stop").click()
            self.check("Not refreshed" in page.inner_text("#refresh"), "refreshing can be stopped")

    def guarded(self):
        """Forms on other sites have no effect."""
        with self.context() as context:
            for headers in [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]:
                answer = context.request.post(
                    self.world.admin + "/actions/pause", headers=headers, form={"back": "/"}, max_redirects=0)
                self.check(answer.status == 403, f"{headers}: {answer.status}")
            answer = context.request.post(
                self.world.admin + "/actions/resume", form={"back": "https://evil.example/"}, max_redirects=0)
            self.check(answer.headers["location"] == "/?did=%2Factions%2Fresume", f"led to {answer.headers['location']}")


def main():
    binary, folder, picture = sys.argv[1:]
    world = World(binary)
    playground = Playground(binary)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            look = Look(browser, world, folder)
            for name, step in {
                "empty": look.empty, "busy": look.busy, "in trouble": look.trouble,
                "documentation": lambda: look.documentation(pathlib.Path(picture).parent),
                "user actions": lambda: look.people(True), "the same without scripts": lambda: look.people(False),
                "lists": lambda: look.lists(True), "lists without scripts": lambda: look.lists(False),
                "kept fresh": look.fresh, "guarded": look.guarded, "alerted": lambda: look.alerted(binary), "stopped": look.stopped,
            }.items():
                print(name)
                step()
            print("playground")
            look.world = playground
            tour(look, picture)
            browser.close()
    finally:
        playground.stop()
        world.stop()
    if look.complaints:
        sys.exit(f"{len(look.complaints)} complaints")
    print(f"{look.pages} page views without complaints. Screenshots: {folder}")


main()
