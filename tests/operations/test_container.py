"""The image and the compose file, as far as they can be tried without a container engine."""

import fnmatch
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import yaml
from packaging.utils import canonicalize_name

from config.celery import QUEUES
from config.env import CHECKOUT
from config.local.binaries import psql_program
from config.local.servers import temporary_servers
from tests import machine
from tests.operations.processes import Process, free_port, wait_until

COMPOSE = machine.compose()
OURS = {"prepare", "web", "worker", "beat"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What lies beside the compose file on a server, its secrets made."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(CHECKOUT / "docker", folder / "docker")
    for name in ("docker-compose.yml", "Dockerfile"):
        shutil.copy2(CHECKOUT / name, folder)
    subprocess.run(["sh", "docker/secrets"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def compose(project: Path) -> dict[str, Any]:
    if COMPOSE is None:
        if os.environ.get("CI") == "true":
            pytest.fail(machine.NO_COMPOSE)
        pytest.skip(machine.NO_COMPOSE)
    done = configured(project, PUBLIC_URL="https://calls.example.com")
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = yaml.safe_load(done.stdout)
    return read


def configured(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    assert COMPOSE
    clean = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment}
    return subprocess.run([COMPOSE, "config"], cwd=project, env=clean, capture_output=True, text=True, check=False)


# The compose file


def test_without_a_public_address_it_says_what_to_set(project: Path, compose: dict[str, Any]) -> None:
    done = configured(project)
    assert done.returncode != 0
    assert "Set PUBLIC_URL" in done.stderr


def test_every_service_that_exists_is_there_and_no_other(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == OURS | {"postgres", "redis"}


def test_every_service_is_shut_in(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"]["options"]["max-size"], name
        assert "privileged" not in service
    assert compose["services"]["postgres"]["cap_add"] == ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]
    assert not any("cap_add" in compose["services"][name] for name in (*OURS, "redis"))


def test_only_the_pages_are_reached_from_outside_and_only_from_this_machine(compose: dict[str, Any]) -> None:
    ports = {name: service.get("ports", []) for name, service in compose["services"].items()}
    web = str(ports.pop("web"))
    assert "127.0.0.1" in web
    assert not any(ports.values())


def test_every_lasting_service_has_a_health_check_and_comes_back(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name == "prepare":
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]
        assert service["stop_grace_period"]


def test_only_the_preparation_knows_the_owner(compose: dict[str, Any]) -> None:
    for name in OURS:
        service = compose["services"][name]
        secrets = {secret["source"] if isinstance(secret, dict) else secret for secret in service["secrets"]}
        assert ("database_owner_url" in secrets) == (name == "prepare")
        for key, value in service["environment"].items():
            if key.endswith("_FILE") and key != "ALIVE_FILE":
                assert value.removeprefix("/run/secrets/") in secrets, key


def test_no_secret_stands_in_the_file(project: Path, compose: dict[str, Any]) -> None:
    whole = json.dumps(compose)
    for path in (project / "secrets").iterdir():
        assert path.read_text().strip() not in whole or path.name == "email_url"
        assert compose["secrets"][path.name]["file"].endswith(f"secrets/{path.name}")


def test_what_the_services_are_told_to_become_is_known_to_the_entrypoint(compose: dict[str, Any]) -> None:
    known = set(re.findall(r"^(\w+)\)", (CHECKOUT / "docker/start").read_text(), re.MULTILINE))
    assert known == OURS
    for name in OURS:
        assert compose["services"][name]["command"] == [name]


# The image


def test_making_the_secrets_again_changes_none(project: Path) -> None:
    folder = project / "secrets"
    before = {path.name: path.read_text() for path in folder.iterdir()}
    again = subprocess.run(["sh", "docker/secrets"], cwd=project, check=True, capture_output=True, text=True)
    assert again.stdout == ""
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_image_is_built_from_the_lock_by_hash_and_runs_as_nobody_in_particular() -> None:
    text = (CHECKOUT / "Dockerfile").read_text()
    assert "--require-hashes" in text
    assert "requirements.lock" in text
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text
    assert not re.search(r"^ADD ", text, re.MULTILINE)
    for name in re.findall(r"\b(?:docker/\w+|manage\.py|requirements\.lock)\b", text):
        assert (CHECKOUT / name).exists()


def test_the_entrypoint_serves_every_queue() -> None:
    assert f"QUEUES:-{','.join(QUEUES)}" in (CHECKOUT / "docker/start").read_text()
    assert os.access(CHECKOUT / "docker/start", os.X_OK)


def in_the_image() -> Iterator[str]:
    """The files that .dockerignore lets in, read the way a builder does: the last line that fits decides."""
    lines = [line for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    tops = [path for path in CHECKOUT.iterdir() if path.name not in {".git", ".venv", "data", "secrets"}]
    paths = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*")) if path.is_file()]
    for name in (str(path.relative_to(CHECKOUT)) for path in paths):
        inside = True
        for line in lines:
            pattern = line.removeprefix("!").removeprefix("**/")
            parents = [str(parent) for parent in (Path(name), *Path(name).parents)]
            if any(fnmatch.fnmatch(parent, pattern) for parent in parents):
                inside = line.startswith("!")
        if inside:
            yield name


def test_the_image_holds_the_product_and_nothing_of_the_workshop() -> None:
    names = set(in_the_image())
    assert {"manage.py", "config/settings.py", "static/callwright.css", "templates/base.html", "docker/start"} <= names
    assert not [
        name for name in names if name.startswith(("tests/", "bench/", "docs/", "config/local/", ".env", "data/"))
    ]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The image's own folder: its files, with the pages' files collected."""
    folder = tmp_path / "srv callwright"
    for name in in_the_image():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / name, folder / name)
    run = re.search(
        r"RUN (SECRET_KEY=.*?) \\\n\s+(python manage.py collectstatic.*?) \\", (CHECKOUT / "Dockerfile").read_text()
    )
    assert run
    done = subprocess.run(
        ["sh", "-c", f"{run[1]} {run[2]}"], cwd=folder, env=clean(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


BLOCK = """
import sys
ABSENT = {absent!r}
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {{name!r}}: it is not in requirements.lock", name=name)
sys.meta_path.insert(0, Absent())
"""


@pytest.fixture
def only_what_ships(tmp_path: Path) -> str:
    """A folder for PYTHONPATH that hides from Python what the image does not hold."""
    text = (CHECKOUT / "requirements.lock").read_text()
    shipped = {canonicalize_name(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}
    absent = {
        module
        for module, distributions in packages_distributions().items()
        if not shipped & {canonicalize_name(name) for name in distributions}
    }
    assert {"pytest", "mypy"} <= absent
    assert not {"django", "celery"} & absent
    folder = tmp_path / "hides"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(BLOCK.format(absent=absent))
    return str(folder)


def clean(**environment: str) -> dict[str, str]:
    """Nothing of this machine, but for the Python that stands for the image's."""
    return {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **environment}


@pytest.mark.processes
@pytest.mark.xdist_group("operations")
def test_the_image_run_by_hand_becomes_ready_and_stops(
    image: Path, project: Path, tmp_path: Path, only_what_ships: str
) -> None:
    with temporary_servers() as servers:
        settings = like_compose(project, tmp_path, servers.environment) | {"PYTHONPATH": only_what_ships}
        with as_in_image(image, "prepare", settings) as prepare:
            assert prepare.ended() == 0, prepare.output
        del settings["DATABASE_OWNER_URL_FILE"]
        with (
            as_in_image(image, "web", settings) as web,
            as_in_image(image, "worker", settings | {"ALIVE_FILE": str(tmp_path / "worker")}) as worker,
            as_in_image(image, "beat", settings | {"ALIVE_FILE": str(tmp_path / "beat")}) as beat,
            httpx.Client(base_url=f"http://127.0.0.1:{settings['PORT']}") as site,
        ):
            everything = (web, worker, beat)
            wait_until(lambda: is_ready(site), seconds=40, otherwise=lambda: [process.output for process in everything])
            the_pages_are_there(site)
            only_the_holder_of_the_token_reads_metrics(site, (tmp_path / "metrics_token").read_text())
            assert healthy(image, "web", settings)
            stands_still = tmp_path / "stands-still"
            stands_still.touch()
            os.utime(stands_still, (0, 0))
            for role in ("worker", "beat"):
                assert healthy(image, role, settings | {"ALIVE_FILE": str(tmp_path / role)})
                assert not healthy(image, role, settings | {"ALIVE_FILE": str(stands_still)})
            for process in everything:
                process.ask(signal.SIGTERM)
                assert process.ended() in {0, -signal.SIGTERM}
                assert "Traceback" not in process.output
        assert not healthy(image, "web", settings)
        for process in (prepare, *everything):
            assert all(
                path.read_text().strip() not in process.output for path in tmp_path.glob("*_*") if path.is_file()
            )


def like_compose(project: Path, tmp_path: Path, addresses: Mapping[str, str]) -> dict[str, str]:
    """The environment that compose gives, with the servers of here."""
    for path in (project / "secrets").iterdir():
        shutil.copy2(path, tmp_path)
    for name, address in addresses.items():
        (tmp_path / name.lower()).write_text(address)
    (tmp_path / "email_url").write_text("smtp://callwright:a-password-of-mail@mail.example.com:587")
    names = ("SECRET_KEY", "SECRETS_KEYS", "METRICS_TOKEN", "EMAIL_URL", *addresses)
    files = {f"{name}_FILE": str(tmp_path / name.lower()) for name in names}
    port = str(free_port())
    return clean(
        PUBLIC_URL="https://calls.example.com", TRUSTED_PROXIES="127.0.0.1", PORT=port, HOST="127.0.0.1", **files
    )


def as_in_image(image: Path, role: str, settings: Mapping[str, str]) -> Process:
    return Process.of([str(image / "docker/start"), role], folder=Path("/"), environment=settings)


def healthy(image: Path, role: str, settings: Mapping[str, str]) -> bool:
    command = ["python", "docker/healthy", role]
    return subprocess.run(command, cwd=image, env=settings, capture_output=True, check=False).returncode == 0


def is_ready(site: httpx.Client) -> bool:
    try:
        return site.get("/readyz").status_code == 200
    except httpx.HTTPError:
        return False


def the_pages_are_there(site: httpx.Client) -> None:
    host = {"Host": "calls.example.com"}
    assert site.get("/", headers=host).headers["Location"] == "https://calls.example.com/"
    page = site.get("/", headers=host | {"X-Forwarded-Proto": "https"})
    assert page.status_code == 200
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    style = re.search(r'href="(/static/callwright\.[0-9a-f]{12}\.css)"', page.text)
    assert style
    file = site.get(style[1], headers={"X-Forwarded-Proto": "https", "Accept-Encoding": "gzip"})
    assert file.status_code == 200
    assert "immutable" in file.headers["Cache-Control"]


def only_the_holder_of_the_token_reads_metrics(site: httpx.Client, token: str) -> None:
    assert site.get("/metrics").status_code == 404
    assert site.get("/metrics", headers={"Authorization": f"Bearer {token.strip()}"}).status_code == 200


@pytest.mark.processes
@pytest.mark.xdist_group("operations")
def test_a_new_database_volume_gets_the_roles_that_the_product_wants(project: Path, tmp_path: Path) -> None:
    script = tmp_path / "roles.sh"
    text = (project / "docker/postgres/roles.sh").read_text()
    script.write_text(text.replace("/run/secrets", str(project / "secrets")))
    with temporary_servers() as servers:
        address = urlsplit(servers.superuser_url)
        with psycopg.connect(servers.superuser_url, autocommit=True) as superuser:
            superuser.execute("DROP DATABASE callwright WITH (FORCE)")
            superuser.execute("DROP ROLE callwright_app")
            superuser.execute("DROP ROLE callwright_owner")
        place = {"PGHOST": str(address.hostname), "PGPORT": str(address.port), "PGPASSWORD": str(address.password)}
        psql = {"PATH": f"{psql_program().parent}:/usr/bin:/bin", "POSTGRES_USER": str(address.username)}
        subprocess.run(["sh", str(script)], env=place | psql, check=True, capture_output=True)
        here = f"@{address.hostname}:{address.port}/"
        made = {
            name: (project / "secrets" / name.lower()).read_text().strip().replace("@postgres:5432/", here)
            for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
        }
        done = subprocess.run(
            [sys.executable, "manage.py", "prepare_database", "--verbosity", "0"],
            cwd=CHECKOUT,
            env=os.environ | made,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        with psycopg.connect(made["DATABASE_URL"]) as app:
            assert app.execute("SELECT count(*) FROM accounts_workspace").fetchone() == (0,)
