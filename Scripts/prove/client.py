#!/usr/bin/env python3
"""client.py PORT ANSWERS [-s SECONDS] [-c CONNECTIONS] [-r RATE] [--key KEY] [--again FILE | --all FILE]

Posts notifications made from examples/notifications until SECONDS have passed or the service is gone, and appends a line
for each to ANSWERS: `STATUS OUTCOME ID NUMBER`, with - for unknown values. A line is written only after the complete
answer has arrived, so `202 accepted` is a promise; `000` is a request without an answer.

The number determines a notification's content, so one without an answer can be sent again, as Dynamics would:
--again sends those in FILE that have no 202 yet again, and some that have one, whose answer must be the same;
--all sends every notification in FILE, in another order."""
import argparse, http.client, json, pathlib, random, re, threading, time

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "notifications"
RECORD, OPERATION = "-71b4-ef11-a72f-6045bd905a01", "-8a17-f011-9989-7c1e5237aa01"
TEMPLATES = [file.read_text(encoding="utf-8") for file in sorted(EXAMPLES.glob("*.json"))]
FAMILIES, VARIANTS = 4, 3
BLOCK = len(TEMPLATES) * FAMILIES * VARIANTS


def body(number):
    """All examples are about the same records. A family is a separate set of such records; each example has variants that
    differ in amounts and by a few seconds, ties included, so that they conflict."""
    block, slot = divmod(number, BLOCK)
    order = list(range(BLOCK))
    random.Random(block).shuffle(order)
    template, copy = divmod(order[slot], FAMILIES * VARIANTS)
    family, chance = block * FAMILIES + copy % FAMILIES, random.Random(number)
    text = TEMPLATES[template].replace(RECORD, f"-71b4-ef11-a72f-{family:012x}")
    text = text.replace(OPERATION, f"-8a17-f011-9989-{number:012x}")
    shift = 1000 * chance.randrange(3)
    text = re.sub(r"(Date\()(\d{13})", lambda found: found[1] + str(int(found[2]) + shift), text)
    text = re.sub(r'("Value":)\d{3,}\.\d+', lambda found: f"{found[1]}{chance.randrange(1, 100000)}.0000", text)
    return text.encode()


def read(file):
    """The answers so far: number -> (status, outcome, id); the acknowledgement, if there was one."""
    answers = {}
    for line in open(file, encoding="ascii"):
        status, outcome, name, number = line.split()
        if answers.get(int(number), ("",))[0] != "202":
            answers[int(number)] = (status, outcome, name)
    return answers


class Client:
    def __init__(self, port, file, numbers, end, rate, key):
        self.port, self.numbers, self.end, self.rate = port, numbers, end, rate
        self.headers = {"Content-Type": "application/json"} | ({"x-oneway-key": key} if key else {})
        self.answers, self.lock = open(file, "a", buffering=1, encoding="ascii"), threading.Lock()
        self.start, self.sent = time.monotonic(), 0

    def next(self):
        with self.lock:
            self.sent += 1
            due = self.start + self.sent / self.rate if self.rate else 0
            number = next(self.numbers, None) if time.monotonic() < self.end else None
        if number is not None and due > time.monotonic():
            time.sleep(due - time.monotonic())
        return number

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while (number := self.next()) is not None:
            try:
                connection.request("POST", "/dynamics/notifications", body(number), self.headers)
                answer = connection.getresponse()
                text = answer.read()
                told = json.loads(text)
            except (OSError, http.client.HTTPException, ValueError):
                return self.note("000", "-", "-", number)
            outcome = told.get("outcome") or told.get("code") or "-"
            self.note(answer.status, outcome, told.get("notification") or "-", number)

    def note(self, *answer):
        with self.lock:
            self.answers.write(" ".join(map(str, answer)) + "\n")


def chosen(arguments):
    if arguments.all:
        numbers = sorted(read(arguments.all))
        random.Random(1).shuffle(numbers)
        return numbers
    answers = read(arguments.again)
    known = [number for number, answer in answers.items() if answer[0] == "202"]
    return [number for number in answers if answers[number][0] in ("000", "503")] + random.sample(known, min(50, len(known)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("answers")
    parser.add_argument("-s", "--seconds", type=float, default=1e9)
    parser.add_argument("-c", "--connections", type=int, default=16)
    parser.add_argument("-r", "--rate", type=float, default=0)
    parser.add_argument("--key")
    parser.add_argument("--again")
    parser.add_argument("--all")
    arguments = parser.parse_args()
    if arguments.again or arguments.all:
        numbers = iter(chosen(arguments))
    else:
        first = max(read(arguments.answers), default=-1) + 1 if pathlib.Path(arguments.answers).exists() else 0
        numbers = iter(range(first, 1 << 40))
    end = time.monotonic() + arguments.seconds
    client = Client(arguments.port, arguments.answers, numbers, end, arguments.rate, arguments.key)
    threads = [threading.Thread(target=client.run) for _ in range(arguments.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
