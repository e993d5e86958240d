"""Checks of manifests that no program at hand makes: schemas, and that what one file names the others have."""

import json
import re
import sys
from pathlib import Path

import hcl2
import kubernetes_validate
import yaml

# The oldest and the newest Kubernetes that the manifests are for.
KUBERNETES = ["1.32", "1.37"]
# Settings that make no sense for services of compose: the database is compose's own, and commands are no services.
NOT_FOR_COMPOSE = {"DB_URL", "DB_PORT", "UNISTATUS_URL", "UNISTATUS_API_KEY"}
faults = []


def expect(is_so, fault):
    if not is_so:
        faults.append(fault)


def read(path):
    return Path(path).read_text()


def documents(path):
    return [document for document in yaml.safe_load_all(read(path)) if document]


def kubernetes():
    """Every manifest fits the schemas; what a kustomization names is there, and what pods name is made."""
    for folder in [Path("deploy/kubernetes/base"), Path("deploy/mongo")]:
        kustomization = documents(folder / "kustomization.yaml")[0]
        resources = [document for file in kustomization["resources"] for document in documents(folder / file)]
        generated = {generator["name"] for generator in kustomization.get("configMapGenerator", [])}
        for generator in kustomization.get("configMapGenerator", []):
            for file in generator.get("files", []) + generator.get("envs", []):
                expect((folder / file).is_file(), f"{folder}: {file} is named and not there")
        manifests = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
        expect(manifests == set(kustomization["resources"]), f"{folder}: the kustomization names other files than are there")
        labels = [d["spec"]["template"]["metadata"]["labels"] for d in resources if "template" in d.get("spec", {})]
        for resource in resources:
            name = f"{folder}: {resource['kind']} {resource['metadata']['name']}"
            for version in KUBERNETES:
                try:
                    kubernetes_validate.validate(resource, version, strict=True)
                except Exception as error:  # whatever it is, it is told
                    expect(False, f"{name} ({version}): {error}")
            text = json.dumps(resource)
            maps = re.findall(r'"configMap(?:Ref)?": {"name": "([^"]+)"', text)
            expect(set(maps) <= generated, f"{name}: a configuration that nobody makes, of {maps}")
            selector = resource.get("spec", {}).get("selector") or resource.get("spec", {}).get("podSelector") or {}
            wanted = selector.get("matchLabels", selector)
            expect(not wanted or any(wanted.items() <= found.items() for found in labels), f"{name}: selects no pod: {wanted}")
        print(f"{folder}: {len(resources)} manifests fit Kubernetes {' and '.join(KUBERNETES)}")
    overlay = documents("deploy/kubernetes/with-mongo/kustomization.yaml")[0]
    for base in overlay["resources"]:
        file = Path("deploy/kubernetes/with-mongo") / base / "kustomization.yaml"
        expect(file.is_file(), f"{file} is named and not there")


def nomad():
    job = hcl2.loads(read("deploy/nomad/unistatus.nomad.hcl"))["job"][0]
    groups = {name.strip('"') for group in next(iter(job.values()))["group"] for name in group if not name.startswith("__")}
    expect(groups == {"api", "collector", "redis", "gateway"}, f"the Nomad job has the groups {groups}")
    text = read("deploy/nomad/unistatus.nomad.hcl")
    # What is written anew by a template is another file: a mount of the old one would stay with that.
    mounted = re.findall(r"source += +\"(local/[^\"]*)\"", text)
    expect(mounted and not any("." in source for source in mounted), f"Nomad mounts files of templates: {mounted}")
    # By default a node allows no task more than its reservation.
    expect("memory_max" not in text, "tasks of Nomad count on memory that they have not reserved")
    static = set(re.findall(r"static += +(\d+)", text))
    expect(len(re.findall(r"canary += +0", text)) == len(static), "a group with a static port has canaries")
    print(f"Nomad: the groups {sorted(groups)}")


def compose(rendered):
    """What the services of the compose file have to be, whatever else they become."""
    services = documents(rendered)[0]["services"]
    published = {name for name, service in services.items() if service.get("ports")}
    expect(published == {"gateway", "prometheus", "grafana", "demo-api"}, f"ports are published by {published}")
    for name, service in services.items():
        if service.get("build"):
            expect(service["image"] == f"unistatus-{name}", f"{name}: shares the image {service['image']}, and its build")
            is_locked = service.get("read_only") and service.get("cap_drop") == ["ALL"]
            expect(is_locked and service.get("healthcheck"), f"{name}: not locked down, or without a health check")
    names = set()
    for line in re.findall(r"^\| (`[^|]*`) \|", read("docs/configuration.md"), re.M):
        names |= set(re.findall(r"`([A-Z][A-Z_]+)`", line))
    expect(len(names) > 30, f"docs/configuration.md names {sorted(names)}")
    reached = {name for service in ["api", "collector"] for name in services[service]["environment"]}
    missing = names - reached - NOT_FOR_COMPOSE
    expect(not missing, f"settings that reach no service of compose: {sorted(missing)}")
    print(f"compose: {len(services)} services, {len(names & reached)} settings")


def alerts():
    """Each alert is tested and has its section; each metric that is asked for is documented."""
    rules = [rule for group in documents("deploy/prometheus/rules.yml")[0]["groups"] for rule in group["rules"]]
    tests = read("deploy/prometheus/tests/rules_test.yml")
    sections = set(re.findall(r"^### (\w+)$", read("docs/operations.md"), re.M))
    for rule in rules:
        name = rule["alert"]
        tested = re.search(rf'alertname[=:] ?"?{name}"?,alertstate="firing"|alertname: {name}$', tests, re.M)
        expect(tested, f"{name} has no test in which it fires")
        expect(name in sections, f"{name} has no section in docs/operations.md")
        url = rule["annotations"]["runbook_url"]
        expect(url == f"docs/operations.md#{name.lower()}", f"{name} leads to {url}")
    gone = {section for section in sections if section.startswith("Unistatus")} - {rule["alert"] for rule in rules}
    expect(not gone, f"docs/operations.md tells of alerts that are none: {gone}")
    documented = set(re.findall(r"`((?:unistatus|process)_\w+)`", read("docs/metrics.md")))
    for file in ["deploy/prometheus/rules.yml", "deploy/grafana/dashboards/unistatus.json"]:
        text = re.sub(r"_(bucket|count|sum)\b", "", read(file))
        used = set(re.findall(r"\b((?:unistatus|process)_\w+)\b(?=[{\[) ]|$|\\)", text))
        expect(used and used <= documented, f"{file} asks for what is not documented: {used - documented}")
    print(f"alerts: {len(rules)}, each with a test and a section of the runbook")


def pipelines():
    for file in [".github/workflows/ci.yml", "bitbucket-pipelines.yml", ".pre-commit-config.yaml"]:
        expect("scripts/test" in json.dumps(documents(file), default=str), f"{file} does not run scripts/test")
    for file in Path("deploy/grafana/provisioning").rglob("*.yaml"):
        documents(file)
    print("pipelines: they run scripts/test")


if __name__ == "__main__":
    kubernetes()
    nomad()
    compose(sys.argv[1])
    alerts()
    pipelines()
    sys.exit("\n".join(faults) or 0)
