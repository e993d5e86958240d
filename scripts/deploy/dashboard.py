"""Asks a real Prometheus every query of the dashboard, and fails where one finds nothing.

    dashboard.py FOLDER-OF-THE-PROGRAMS SCRATCH-FOLDER

Prometheus scrapes an API and a collector (`unistatus up`) of a simulated world: one vendor is well or out by turns, one answers
with errors, and this machine is probed.
"""

import itertools
import json
import math
import os
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack
from pathlib import Path

# For whatever is waited for: a machine may be slow.
PATIENCE = 120
OWN_TARGETS = """
[[target]]
name = "pinged"
type = "PING"
endpoint = "127.0.0.1"

[[target]]
name = "connected"
type = "TCP"
endpoint = "{control}"
"""
SCRAPING = """
global: {{ scrape_interval: 1s }}
scrape_configs:
  - {{ job_name: unistatus-api, static_configs: [{{ targets: ["{api}"] }}] }}
  - {{ job_name: unistatus-collector, static_configs: [{{ targets: ["{collector}"] }}] }}
"""


def ask(url, body=None, method="GET"):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def until(what, holds):
    """Waits until something holds, and gives what it yields."""
    last = None
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if found := holds():
                return found
        except (OSError, ValueError) as error:
            last = error
        time.sleep(0.2)
    sys.exit(f"after {PATIENCE} s still not: {what} ({last})")


class Programs(ExitStack):
    """Programs in a folder of their own, so that nobody's settings count. They end with this one."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def start(self, name, *command, **environment):
        with open(self.folder / f"{name}.log", "w") as log:
            process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, env=os.environ | environment)
        self.callback(process.wait)
        self.callback(process.terminate)

    def address(self, name, line):
        """The address that a program tells of in such a line."""
        log = self.folder / f"{name}.log"
        found = until(f"{name} tells its address", lambda: re.search(rf"{line}\D*(127\.0\.0\.1:\d+)", log.read_text()))
        return found[1]


def queries(dashboard):
    """Title and query of everything that a panel asks, with the variables filled in as Grafana would."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"].replace("$__rate_interval", "10s").replace("$target", ".*")
    for variable in dashboard["templating"]["list"]:
        metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"]).groups()
        yield f"variable {variable['name']}", f"count by ({label}) ({metric})"


def finds(prometheus, query):
    """How many series a query finds now that have a number."""
    answer = json.loads(ask(f"http://{prometheus}/api/v1/query?{urllib.parse.urlencode({'query': query})}"))
    return sum(not math.isnan(float(row["value"][1])) for row in answer["data"]["result"])


def main(programs, folder):
    with Programs(folder) as running:
        (folder / "targets").mkdir()
        simulator = ["--vendors", "3", "--services", "3", "--admin-port", "0", "--targets-out", "targets/vendors.toml"]
        running.start("simulator", programs / "simulator", *simulator)
        control = running.address("simulator", r"\(control\)")
        (folder / "targets/own.toml").write_text(OWN_TARGETS.format(control=control))
        vendor, failing = (row["name"] for row in json.loads(ask(f"http://{control}/vendors"))[:2])
        ask(f"http://{control}/vendors/{failing}/fault", {"fault": {"status": 500}}, "PUT")
        service = json.loads(ask(f"http://{control}/vendors/{vendor}"))["services"][0]["id"]

        arguments = ["--port", "0", "--catalog", "none", "--targets", "targets", "--db", "sqlite:world.db"]
        running.start("unistatus", programs / "unistatus", "up", "1s", *arguments, COLLECTOR_PORT="0", APP_HOST="127.0.0.1")
        collector, api = running.address("unistatus", "listening"), running.address("unistatus", "as JSON")
        (folder / "prometheus.yml").write_text(SCRAPING.format(api=api, collector=collector))
        storage = f"--storage.tsdb.path={folder}/tsdb"
        running.start("prometheus", "prometheus", "--web.listen-address=127.0.0.1:0", "--config.file=prometheus.yml", storage)
        prometheus = running.address("prometheus", "Listening on")

        conditions = itertools.cycle(["majorOutage", "degraded"])

        def found(query):
            # Something has to happen for there to be something to count.
            ask(f"http://{control}/vendors/{vendor}/services/{service}", {"condition": next(conditions)}, "PUT")
            ask(f"http://{api}/api/status")
            return finds(prometheus, query)

        dashboard = json.loads(Path("deploy/grafana/dashboards/unistatus.json").read_text())
        for title, query in queries(dashboard):
            print(f"{until(f'{title}: {query}', lambda: found(query)):>4}  {title}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
