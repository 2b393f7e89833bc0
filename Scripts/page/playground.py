"""The demo's page in a browser: a change arrives, and what was broken heals, while the page refreshes itself."""
import os, re, subprocess

OPPORTUNITY = "20120002-71b4-ef11-a72f-6045bd905a01"


class Playground:
    """`oneway demo` on free ports, as a world for `Look`: `admin` is the page's address."""

    def __init__(self, binary):
        self.program = subprocess.Popen([binary, "demo", "--free-ports"], stdout=subprocess.PIPE, text=True)
        for line in self.program.stdout:
            if found := re.search(r"(http://\S+)/ +the playground", line):
                self.admin = found[1]
            if "Ctrl-C" in line:
                return
        raise SystemExit("the demo ended")

    def stop(self):
        self.program.terminate()
        self.program.wait(30)


def tour(look, picture):
    """One reader's way through the page; `picture` is where the documentation has its picture of it."""
    address = f"{look.world.admin}/?opportunity={OPPORTUNITY}"

    def press(page, words):
        page.get_by_role("button", name=words, exact=True).click()

    def arrives(page, part, words):
        try:
            page.wait_for_function(
                "([part, words]) => document.getElementById(part).innerText.includes(words)", arg=[part, words],
                timeout=30_000)
        except Exception:
            look.complain(f"{words!r} does not appear in: {page.locator('#' + part).inner_text()}")

    with look.context() as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_label("Pipeline phase").select_option("3-Propose")
        page.get_by_label("Est. revenue").fill("74000")
        page.wait_for_timeout(1_500)
        look.check(page.get_by_label("Est. revenue").input_value() == "74000", "what is being filled in stays")
        press(page, "Save")
        arrives(page, "marketo", "74000")
        arrives(page, "oneway", "Update of opportunity")
        page.screenshot(path=picture)
    look.everywhere("playground", f"/?opportunity={OPPORTUNITY}")
    look.everywhere("playground-unknown", "/?opportunity=20120007-71b4-ef11-a72f-6045bd905a01")

    with look.context() as context:
        page = context.new_page()
        page.goto(address)
        press(page, "Send Marketo away")
        press(page, "Lose notifications")
        press(page, "Add a stakeholder without a lead")
        page.get_by_label("Topic").fill("Quay lighting, west")
        press(page, "Save")
        arrives(page, "oneway", "Oneway was not told")
        press(page, "Have Oneway read this opportunity")
        arrives(page, "break", "backing-off")
        look.everywhere("playground-broken", f"/?opportunity={OPPORTUNITY}")
        press(page, "Deliver notifications again")
        press(page, "Bring Marketo back")
        press(page, "Have Oneway try again now")
        arrives(page, "marketo", "Quay lighting, west")
        page.get_by_label("Topic").fill("Quay lighting \"><script>alert(1)</script>")
        press(page, "Save")
        arrives(page, "marketo", "<script>alert(1)</script>")
        press(page, "Add a stakeholder without a lead")
        arrives(page, "oneway", "for the lead")
        press(page, "Create the missing leads")
        press(page, "Have Oneway try again now")
        arrives(page, "marketo", "Noa Newcomer")
    look.everywhere("playground-healed", f"/?opportunity={OPPORTUNITY}")
