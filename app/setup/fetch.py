#!/usr/bin/env python3
"""Fetches what is not in Debian, pinned by lock.json, into the cache; does nothing when all is there.

Usage: fetch.py [--offline] [--when run|check|grammars|peers] [--list]
Standard library only. The registry is asked through pip, by package name, in a virtual environment of its own.
Exit status: 0 all there, 1 with a sentence that says what was found, what was expected and what to do.
"""
import argparse
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

LOCK = pathlib.Path(__file__).with_name("lock.json")


def cache_dir() -> pathlib.Path:
    if os.environ.get("MOXIE_HOME"):
        return pathlib.Path(os.environ["MOXIE_HOME"]) / "cache"
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(base) / "moxie"


DEPS = cache_dir() / "deps"
DOWNLOADS = DEPS / "downloads"


def stop(sentence: str) -> None:
    sys.exit(f"set-up: {sentence}")


def sha256(path: pathlib.Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def run(command: list, what: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        stop(f"{what} failed.\n  command: {' '.join(map(str, command))}\n{tail}\n"
             "  next: check the network, then run the same command again; it goes on where it stopped.")


def client() -> str:
    """The pip of our own virtual environment, with the pinned packages that it needs itself."""
    venv = cache_dir() / "venv"
    pip = venv / "bin" / "pip"
    if not pip.exists():
        run([sys.executable, "-m", "venv", "--clear", str(venv)], "making a virtual environment")
    for package in packages():
        stamp = venv / f".{package['name']}-{package['sha256']}"
        if package["when"] != "client" or stamp.exists():
            continue
        archive = download(package, str(pip))
        run([str(pip), "install", "-q", "--no-deps", "--no-index", str(archive)], f"installing {package['name']}")
        stamp.touch()
    return str(pip)


def packages() -> list:
    return json.loads(LOCK.read_text())["packages"]


def download(package: dict, pip: str) -> pathlib.Path:
    """The archive in the cache, checked; asks the registry if it is not there."""
    archive = DOWNLOADS / package["file"]
    if archive.exists() and sha256(archive) == package["sha256"]:
        return archive
    if not pip:
        stop(f"{package['name']} {package['version']} is not in the cache ({archive}) and --offline forbids asking for it.")
    print(f"  fetching {package['name']} {package['version']} ({package['purpose']})", flush=True)
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DEPS) as folder:
        form = ["--only-binary=:all:"] if package["form"] == "wheel" else \
            ["--no-binary=:all:", "--no-build-isolation"]
        run([pip, "download", "-q", "--no-deps", "--disable-pip-version-check", *form, "-d", folder,
             f"{package['name']}=={package['version']}"], f"fetching {package['name']}")
        found = pathlib.Path(folder) / package["file"]
        if not found.exists():
            stop(f"{package['name']}: expected the file {package['file']}, found {sorted(os.listdir(folder))}.")
        digest = sha256(found)
        if digest != package["sha256"]:
            stop(f"{package['name']} {package['version']}: the archive differs from the lock file.\n"
                 f"  expected sha256 {package['sha256']}\n  found sha256    {digest}\n"
                 "  next: do not build from it; check app/setup/lock.json or report the package.")
        os.replace(found, archive)
    return archive


def stamp_of(package: dict) -> pathlib.Path:
    return DEPS / f"{package['name']}-{package['version']}" / ".sha256"


def is_there(package: dict) -> bool:
    stamp = stamp_of(package)
    return stamp.exists() and stamp.read_text() == package["sha256"]


def unpack(package: dict, archive: pathlib.Path) -> None:
    """Unpacks beside the target and renames, so that a cut-off run leaves nothing half done."""
    target = stamp_of(package).parent
    with tempfile.TemporaryDirectory(dir=DEPS) as folder:
        if archive.name.endswith(".tar.gz"):
            with tarfile.open(archive) as tar:
                options = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
                tar.extractall(folder, **options)
            (root,) = pathlib.Path(folder).iterdir()
        else:
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(folder)
            root = pathlib.Path(folder)
        (root / ".sha256").write_text(package["sha256"])
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(root, target, symlinks=True) if root == pathlib.Path(folder) else os.replace(root, target)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--offline", action="store_true", help="work from the cache alone")
    arguments.add_argument("--when", default="run", choices=["run", "check", "grammars", "peers"])
    arguments.add_argument("--list", action="store_true", help="print what would be fetched and stop")
    options = arguments.parse_args()
    wanted = {"run": ["run"], "check": ["run", "check"], "grammars": ["run", "grammars"],
              "peers": ["run", "check", "peers"]}[options.when]
    missing = [p for p in packages() if p["when"] in wanted and not is_there(p)]
    if options.list:
        for package in missing:
            print(f"{package['name']} {package['version']}: {package['purpose']}")
        return
    if not missing:
        return
    DEPS.mkdir(parents=True, exist_ok=True)
    pip = "" if options.offline else client()
    for package in missing:
        unpack(package, download(package, pip))
        print(f"  {package['name']} {package['version']}: ready", flush=True)


main()
