#!/usr/bin/env python3
"""client.py PORT BODY ACKED [SECONDS] [CONNECTIONS]: posts distinct notifications until SECONDS have passed or the service is gone.

Appends to ACKED a line for each answer: `202 ID` for what was acknowledged, the status alone for anything else.
A line is written only after its answer came whole, so what ACKED names was promised."""
import http.client, random, sys, threading, time, uuid

port, body_file, acked_file = int(sys.argv[1]), sys.argv[2], sys.argv[3]
seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 1e9
connections = int(sys.argv[5]) if len(sys.argv) > 5 else 16
template = open(body_file, encoding="utf-8").read()
end = time.monotonic() + seconds
lock = threading.Lock()
acked = open(acked_file, "a", buffering=1)


def post():
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    while time.monotonic() < end:
        body = template.replace("@record@", str(uuid.uuid4())).replace("@number@", str(random.randrange(100000)))
        while "@guid@" in body:
            body = body.replace("@guid@", str(uuid.uuid4()), 1)
        try:
            connection.request("POST", "/dynamics/notifications", body.encode(), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            return
        line = str(answer.status)
        if answer.status == 202:
            line += " " + text.split('"notification":"')[1].split('"')[0]
        with lock:
            acked.write(line + "\n")


threads = [threading.Thread(target=post) for _ in range(connections)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
