"""started.py PID < LOG: milliseconds from the start of a process to the last `listening` in its log. The kernel records
the start in hundredths of a second, which limits the precision."""
import datetime, json, os, sys

ticks = int(open(f"/proc/{sys.argv[1]}/stat", encoding="ascii").read().rsplit(") ", 1)[1].split()[19])
lines = [json.loads(line) for line in sys.stdin if line.startswith("{")]
ready = [line["time"] for line in lines if line["message"] == "listening"][-1]
uptime = float(open("/proc/uptime", encoding="ascii").read().split()[0])
now = datetime.datetime.now(datetime.timezone.utc)
started = now - datetime.timedelta(seconds=uptime - ticks / os.sysconf("SC_CLK_TCK"))
print(round((datetime.datetime.fromisoformat(ready.replace("Z", "+00:00")) - started).total_seconds() * 1000))
