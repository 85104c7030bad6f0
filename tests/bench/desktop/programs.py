"""What the test programs and the build tell: the [.bench] cases, themes, languages, size, suite, build time."""

import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile
import time


# As it was before a screen and a bus of our own came and went.
ENVIRONMENT = dict(os.environ)


def said(program, tag, **environment):
    """(exit status, what it printed) of one test program; on the screen that is there if it asks for xcb."""
    base = os.environ if environment.get("QT_QPA_PLATFORM") == "xcb" else ENVIRONMENT
    done = subprocess.run([str(program), tag], text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**base, **environment})
    return done.returncode, done.stdout


def numbers(text, pattern):
    return [tuple(map(float, found)) if isinstance(found, tuple) else float(found)
            for found in re.findall(pattern, text)]


def last_numbers(text, pattern, what):
    found = numbers(text, pattern)
    if not found:
        print(f"{what}: nothing was measured; the program printed:\n{text[-1500:]}", flush=True)
        return None
    return found[-1]


def measure_conversation(bin_folder, measured):
    _, text = said(bin_folder / "moxie_test_desktop_conversation", "[.bench]", QT_QPA_PLATFORM="offscreen")
    p99 = r".*?p99 +([\d.]+)"
    measured.note("long open", last_numbers(text, r"open and first paint ([\d.]+) ms", "G7"), "CPU time")
    measured.note("long scroll", last_numbers(text, "scroll by 3 lines" + p99, "G7"), "CPU time, 3 lines")
    measured.note("long jump", last_numbers(text, "jump anywhere" + p99, "G7"), "CPU time")
    flushes = [last_numbers(text, rf"\n  {kind} +p50" + p99, f"G6 {kind}") for kind in ("prose", "code")]
    if None not in flushes:
        measured.note("flush", max(flushes), f"into 200 kB: prose {flushes[0]:.2f}, code {flushes[1]:.2f}")


def measure_output(bin_folder, measured):
    _, text = said(bin_folder / "moxie_test_desktop_output", "[.bench]", QT_QPA_PLATFORM="offscreen")
    figures = r".*?row after ([\d.]+) ms.*?text after ([\d.]+) ms.*?, ([\d.]+) MB/s.*?longest stall ([\d.]+) ms"
    million = last_numbers(text, "1,000,000 lines" + figures, "G8")
    if million:
        for name, value in zip(("card", "full view", "output stall"), (million[0], million[1], million[3])):
            measured.note(name, value)
    hundred = last_numbers(text, "100 MB" + figures, "G11")
    if hundred:
        measured.note("terminal stall", hundred[3])
        measured.note("terminal rate", hundred[2])


def measure_changes(bin_folder, measured):
    _, text = said(bin_folder / "moxie_test_desktop_changes", "[.bench]", QT_QPA_PLATFORM="offscreen")
    diff = last_numbers(text, r"G9 .*?open ([\d.]+) ms; scroll frame p50 [\d.]+ p99 ([\d.]+)", "G9")
    if diff:
        measured.note("diff open", diff[0])
        measured.note("diff frame", diff[1])
    hunks = numbers(text, r"G10 (\d+) lines, \w+: p50 ([\d.]+) ms, max ([\d.]+)")
    if hunks:
        lines, median, longest = max(hunks, key=lambda hunk: hunk[1])
        measured.note("hunk", median, f"worst of {len(hunks)} rows: {lines:,.0f} lines, max {longest:.0f} ms")


def measure_code(bin_folder, measured):
    _, text = said(bin_folder / "moxie_test_desktop_code", "*symbols are looked through*")
    measured.note("symbols", last_numbers(text, r"worst ([\d.]+) ms", "G13"), "13 searches")


def measure_streaming(bin_folder, measured):
    """On the screen that is there: X11 by software."""
    _, text = said(bin_folder / "moxie_test_desktop_window", "[.bench]", QT_QPA_PLATFORM="xcb")
    measured.note("share", last_numbers(text, r"streaming: ([\d.]+) %", "G6"), "conversation of 200 kB, X11")
    key = last_numbers(text, r"key to paint: p50 ([\d.]+) ms, p99 ([\d.]+) ms, max ([\d.]+)", "G5")
    if key:
        measured.note("key", key[1], f"300 keys on X11: p50 {key[0]:.1f}, max {key[2]:.1f}")


def count_failures(program, tag):
    """(failed assertions, remark)."""
    status, text = said(program, tag, QT_QPA_PLATFORM="offscreen")
    passed = re.search(r"All tests passed \((.*)\)", text)
    if status == 0 and passed:
        return 0, passed[1]
    failed = re.search(r"assertions: .*?(\d+) failed", text)
    return (int(failed[1]) if failed else 1), "of the tests " + tag


def measure_texts(bin_folder, measured):
    measured.note("contrast", *count_failures(bin_folder / "moxie_test_desktop", "[theme]"))
    failed, checks, programs = 0, 0, []
    for program in sorted(bin_folder.glob("moxie_test_desktop*")):
        if "[l10n]" not in said(program, "--list-tags")[1]:
            continue
        count, remark = count_failures(program, "[l10n]")
        failed += count
        checks += int(remark.split()[0]) if count == 0 else 0
        programs.append(program.name.removeprefix("moxie_test_") + (f" ({count} failed)" if count else ""))
    bad = [name for name in programs if "failed" in name]
    measured.note("languages", failed, f"{checks:,} checks in {len(programs)} programs" + "".join(f"; {name}" for name in bad))


def measure_size(root, release, measured):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cmake", "--install", str(release.parent), "--strip", "--prefix", folder], check=True,
                       stdout=subprocess.DEVNULL)
        sizes = {file.relative_to(folder): file.stat().st_size / 1e6
                 for file in sorted(pathlib.Path(folder).rglob("*")) if file.is_file()}
    chromium = subprocess.run(["dpkg-query", "-W", "-f", "${Installed-Size}\n", "chromium", "chromium-common"], text=True,
                              capture_output=True).stdout.split()
    remark = ", ".join(f"{file.name} {size:.1f}" for file, size in sizes.items() if size >= 1)
    if chromium:
        remark += f"; Chromium {sum(map(int, chromium)) * 1024 / 1e6:.0f} MB"
    measured.note("size", sum(sizes.values()), remark)


def measure_suite(root, measured):
    """All tests of the window by ctest, each case a process of its own."""
    build = root / "build" / "dev"
    listed = json.loads(subprocess.run(["ctest", "--test-dir", str(build), "--show-only=json-v1"], text=True,
                                       capture_output=True, check=True).stdout)
    ours = [str(number) for number, test in enumerate(listed["tests"], 1)
            if pathlib.Path(test.get("command", [""])[0]).name.startswith("moxie_test_desktop")]
    started = time.monotonic()
    done = subprocess.run(["ctest", "--test-dir", str(build), "-j", str(os.cpu_count()), "-I", f"{ours[0]},{ours[0]},1," +
                           ",".join(ours)], text=True, capture_output=True, env=ENVIRONMENT)
    took = time.monotonic() - started
    summary = re.search(r"\d+% tests passed, (\d+) tests failed out of (\d+)", done.stdout)
    failed, total = (summary[1], summary[2]) if summary else ("?", "?")
    for name in re.findall(r"^\s+\d+ - (.*)$", done.stdout, re.MULTILINE):
        print(f"test failed: {name}", flush=True)
    measured.note("tests", took, f"{total} cases, {failed} failed; flakes are not counted here")


def measure_build(root, measured):
    """The window after all that it stands on, in a folder of its own."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="moxie-build-"))
    try:
        launcher = ["-D", "CMAKE_C_COMPILER_LAUNCHER=env", "-D", "CMAKE_CXX_COMPILER_LAUNCHER=env"]  # not ccache
        subprocess.run(["cmake", "--preset", "release", "-S", str(root), "-B", str(folder), *launcher], check=True, cwd=root,
                       stdout=subprocess.DEVNULL)
        environment = {**os.environ, "CCACHE_DISABLE": "1"}

        def build(target):
            """(seconds by the clock, by the processors)."""
            clock, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(["cmake", "--build", str(folder), "--target", target], check=True, env=environment,
                           stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return time.monotonic() - clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

        build("moxie")  # what the command needs, too, is no part of it
        clock, cpu = build("moxie-desktop")
        measured.note("build", clock, f"{cpu:.0f} s of processor time")
        for unit in (folder / "app" / "desktop" / "window").rglob("unity_*.cxx"):
            if "/window/desk.cpp" in unit.read_text():
                os.utime(unit)
        clock, cpu = build("moxie-desktop")
        measured.note("rebuild", clock, f"desk.cpp with the files of its unit, linked; {cpu:.0f} s of processor time")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
