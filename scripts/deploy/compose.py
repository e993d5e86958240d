"""Asks the services that scripts/check-compose started, stops them one by one, and says what held."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

GATEWAY = f"http://127.0.0.1:{os.environ['APP_PORT']}"
DEMO = f"http://127.0.0.1:{os.environ['DEMO_PORT']}"
PROMETHEUS = f"http://127.0.0.1:{os.environ['PROMETHEUS_PORT']}"
# For whatever is waited for: a machine may be slow.
PATIENCE = 180


def run(*command):
    """What a command prints; it has to succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def compose(*arguments):
    profiles = ["--profile", "observability", "--profile", "demo"]
    return run("docker-compose", *profiles, *arguments)


def get(url, timeout=5):
    """Status, headers and body of an answer, whatever it says."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read().decode()


def until(what, holds):
    """Waits until something holds, and gives what it yields."""
    last = None
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            found = holds()
            if found:
                return found
        except (OSError, ValueError, KeyError) as error:
            last = error
        time.sleep(0.2)
    sys.exit(f"after {PATIENCE} s still not: {what} ({last})")


def check(what, is_so, seen=""):
    print(f"{'ok  ' if is_so else 'FAIL'} {what} {seen}".rstrip(), flush=True)
    if not is_so:
        sys.exit(1)


def containers(service):
    """The ids of a service's containers."""
    return compose("ps", "--quiet", service).split()


def inspect(container):
    return json.loads(run("docker", "inspect", container))[0]


def address(container, network="web"):
    networks = inspect(container)["NetworkSettings"]["Networks"]
    return next(found["IPAddress"] for name, found in networks.items() if name.endswith(f"_{network}"))


def is_healthy(container):
    return inspect(container)["State"].get("Health", {}).get("Status") == "healthy"


def served(api):
    """How many requests for /api/status a replica has answered."""
    lines = get(f"http://{address(api)}:8080/metrics")[2].splitlines()
    counts = [line for line in lines if line.startswith("unistatus_http_requests_total") and 'route="/api/status"' in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in counts)


class Asker(threading.Thread):
    """Asks addresses in turns, again and again, and keeps what was no good answer."""

    def __init__(self, urls):
        super().__init__(daemon=True)
        self.urls, self.asked, self.failures, self.ended = urls, 0, [], threading.Event()

    def run(self):
        while not self.ended.wait(0.02):
            url = self.urls[self.asked % len(self.urls)]
            try:
                status, _, body = get(url)
                if status != 200:
                    self.failures.append(f"{status} {body[:200]}")
            except OSError as error:
                self.failures.append(str(error))
            self.asked += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()


def services(api):
    """Target and status of each service that is served."""
    targets = json.loads(get(f"{api}/api/status")[2])["targets"]
    return [(target["name"], service["status"]) for target in targets for service in target["services"]]


def everything_answers():
    until("both targets are OK through the gateway", lambda: [row[1] for row in services(GATEWAY)] == ["OK", "OK"])
    check("the gateway serves what the collectors learnt", True, services(GATEWAY))
    until("the simulated world is served", lambda: len({target for target, _ in services(DEMO)}) > 10)
    check("the demo serves its simulated world", True, f"({len(services(DEMO))} services)")
    check("no metrics of a random replica", get(f"{GATEWAY}/metrics")[0] == 404)
    check("the dashboard is there", "<html" in get_html(f"{GATEWAY}/"))


def get_html(url):
    request = urllib.request.Request(url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()


def streams_are_not_held_back():
    begun = time.monotonic()
    with urllib.request.urlopen(f"{GATEWAY}/api/stream", timeout=25) as stream:
        first = stream.readline().decode()
        took = time.monotonic() - begun
        # The comment that follows after 15 seconds of silence, or a change.
        while stream.readline().strip():
            pass
        more = stream.readline()
    check("a stream arrives as it is sent", first and took < 2 and more, f"({first.strip()} after {took:.2f} s)")


def replicas_share(apis):
    before = [served(api) for api in apis]
    for _ in range(60):
        get(f"{GATEWAY}/api/status")
    shares = [served(api) - count for api, count in zip(apis, before)]
    check(f"{len(apis)} replicas share the requests", sum(shares) == 60 and all(share > 5 for share in shares), shares)


def clients_are_known_by_their_own_address(apis):
    get(f"{GATEWAY}/api/status?limit=1")
    networks = inspect(containers("gateway")[0])["NetworkSettings"]["Networks"]
    web = next(found for name, found in networks.items() if name.endswith("_web"))
    # Who asks from this machine has the address that it has in that network.
    host, gateway = f"remote={web['Gateway']} ", f"remote={web['IPAddress']} "
    logs = "".join(subprocess.run(["docker", "logs", api], capture_output=True, text=True).stderr for api in apis)
    lines = [line for line in logs.splitlines() if "/api/status" in line]
    is_known = any(host in line for line in lines) and not any(gateway in line for line in lines)
    check("clients are known by their own address, not the gateway's", is_known, lines[-1][-160:] if lines else "")


def containers_are_locked_down():
    for service in ["api", "collector", "simulator", "gateway", "redis"]:
        of = inspect(containers(service)[0])
        is_locked = of["HostConfig"]["ReadonlyRootfs"] and of["Config"]["User"] not in ("", "0", "root")
        check(f"{service}: not root, nothing to write to", is_locked, f"(user {of['Config']['User']})")


def prometheus_sees_all():
    def up():
        answer = json.loads(get(f"{PROMETHEUS}/api/v1/query?query=count%20by(job)(up==1)")[2])
        return {row["metric"]["job"]: int(row["value"][1]) for row in answer["data"]["result"]}

    wanted = {"unistatus-api": 2, "unistatus-collector": 3}
    found = until("Prometheus sees all replicas", lambda: (seen := up()) and wanted.items() <= seen.items() and seen)
    check("Prometheus sees each replica once", True, found)
    rules = json.loads(get(f"{PROMETHEUS}/api/v1/rules")[2])["data"]["groups"]
    check("Prometheus has the rules", sum(len(group["rules"]) for group in rules) > 10)


def none_is_missed():
    for service in ["mongo", "redis", "collector", "api", "prometheus", "gateway"]:
        container = containers(service)[0]
        # Without the gateway the replicas are asked themselves: it is one door, and not what serves.
        urls = [f"{GATEWAY}/api/status"]
        if service == "gateway":
            urls = [f"http://{address(api)}:8080/api/status" for api in containers("api")]
        with Asker(urls) as asker:
            enough = asker.asked + 20
            until("it is asked", lambda: asker.asked >= enough)
            run("docker", "stop", "--time", "15", container)
            enough = asker.asked + 100
            until("it is asked", lambda: asker.asked >= enough)
            if service == "mongo":
                _, headers, _ = get(urls[0])
                until("it says how old the answer is", lambda: get(urls[0])[1].get("Age"))
                check("without its database the API is healthy", all(is_healthy(api) for api in containers("api")))
            run("docker", "start", container)
            until(f"{service} is healthy again", lambda: is_healthy(container))
            enough = asker.asked + 50
            until("it is asked", lambda: asker.asked >= enough)
        check(f"{service} stopped and started", not asker.failures, f"({asker.asked} asked, {asker.failures[:3] or 'none failed'})")
    until("the database is there", lambda: get(f"{GATEWAY}/check")[0] == 200)


def a_killed_replica_is_passed_over():
    container = containers("api")[0]
    with Asker([f"{GATEWAY}/api/status?limit={n}" for n in range(1, 5)]) as asker:
        until("it is asked", lambda: asker.asked >= 20)
        run("docker", "kill", container)
        enough = asker.asked + 100
        until("it is asked", lambda: asker.asked >= enough)
        run("docker", "start", container)
        until("it is healthy again", lambda: is_healthy(container))
    check("a replica killed", not asker.failures, f"({asker.asked} asked, {asker.failures[:3] or 'none failed'})")


def a_new_replica_is_found():
    compose("up", "--detach", "--no-build", "--no-recreate", "--scale", "api=3", "--scale", "collector=3", "api")
    apis = containers("api")
    until("the third is healthy", lambda: len(apis) == 3 and all(is_healthy(api) for api in apis))
    until("the third is asked through the gateway", lambda: get(f"{GATEWAY}/api/status") and all(served(api) for api in apis))
    replicas_share(apis)


def all_end_in_good_order():
    services = ["api", "collector", "gateway", "redis", "mongo", "demo-api", "demo-collector", "simulator", "prometheus"]
    all_of = {service: containers(service) for service in services}
    compose("stop")
    codes = {service: [inspect(one)["State"]["ExitCode"] for one in ids] for service, ids in all_of.items()}
    check("docker-compose stop ends them with exit code 0", all(c == 0 for of in codes.values() for c in of), codes)


def it_starts_again():
    compose("start")
    until("it serves again", lambda: get(f"{GATEWAY}/check")[0] == 200)
    check("docker-compose start: the data is there again", "database" in get(f"{GATEWAY}/api/events")[2])


if __name__ == "__main__":
    everything_answers()
    containers_are_locked_down()
    replicas_share(containers("api"))
    clients_are_known_by_their_own_address(containers("api"))
    streams_are_not_held_back()
    prometheus_sees_all()
    none_is_missed()
    a_killed_replica_is_passed_over()
    a_new_replica_is_found()
    all_end_in_good_order()
    it_starts_again()
    print("\nall of it held")
