#!/usr/bin/env python3
"""Writes the tables of built-in names (builtins/*.inc), facts about each language's own library.

Usage: make_builtins.py [--typescript FOLDER] [--windows FOLDER]   (the unpacked npm package "typescript",
5.x; the headers of mingw-w64, as Debian's mingw-w64-common has them)

C and C++ come from the headers of the C library and of g++, whose private names all begin with an
underscore; Python from its modules; JavaScript from TypeScript's lib.*.d.ts and from node; Java from
javap; Go from the sources of its library; Ruby from its classes, added to what its table has (names of other
versions). What is not installed keeps its table. Rust, C# and PHP are written by hand (builtins/rust.inc and so
on) and not touched.
"""
import argparse
import importlib
import inspect
import json
import pathlib
import re
import subprocess
import sys
import textwrap
import warnings

HERE = pathlib.Path(__file__).parent / "builtins"
WORD = re.compile(r"\b[A-Za-z][A-Za-z0-9_]*\b")
C_HEADERS = """assert ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign
stdarg stdatomic stdbool stddef stdint stdio stdlib string strings tgmath threads time uchar wchar wctype
unistd fcntl pthread semaphore dirent dlfcn fnmatch ftw getopt glob grp iconv langinfo libgen mqueue
netdb poll pwd regex sched search spawn syslog termios ucontext utime wordexp alloca byteswap endian
execinfo malloc link elf err error net/if netinet/in netinet/tcp netinet/ip arpa/inet sys/stat sys/types
sys/socket sys/time sys/wait sys/mman sys/select sys/epoll sys/eventfd sys/timerfd sys/signalfd
sys/inotify sys/ioctl sys/resource sys/uio sys/un sys/utsname sys/statvfs sys/syscall sys/prctl sys/param
sys/sendfile sys/random sys/file sys/ipc sys/shm sys/sysinfo sys/xattr sys/auxv cpuid""".split()
WINDOWS_HEADERS = """basetsd bcrypt combaseapi conio dbghelp debugapi direct errhandlingapi fibersapi fileapi guiddef handleapi
heapapi interlockedapi io ioapiset iphlpapi iptypes libloaderapi malloc memoryapi minwinbase minwindef mmsystem
mswsock namedpipeapi namespaceapi ncrypt netioapi ntstatus objbase processenv processthreadsapi process profileapi
psapi psdk_inc/_socket_types psdk_inc/_wsadata realtimeapiset schannel sec_api/stdio_s sec_api/stdlib_s sec_api/string_s sec_api/wchar_s secext
securitybaseapi security shellapi shlwapi sspi stdio stdlib string stringapiset synchapi sysinfoapi
systemtopologyapi tchar threadpoolapiset time timeapi timezoneapi tlhelp32 userenv utilapiset wchar winbase winber
wincon wincrypt windef winerror winhttp wininet winldap winnls winnt winreg winsock2 winsvc winternl winuser winver
ws2def ws2ipdef ws2tcpip wtypes""".split()
WINDOWS_CALLS = "WINAPI|WSAAPI|APIENTRY|NTAPI|__cdecl|__stdcall|SEC_ENTRY|LDAPAPI|WINAPIV"
JAVA_PACKAGES = re.compile(r"/java\.base/java/(lang|util|io|nio|time|math|net|text|security)(/\w+)*/[A-Z]\w*\.class$")


def write(language, names):
    names = sorted({name for name in names if name.isascii() and 1 < len(name) <= 60})
    if len(names) < 100:
        print(f"{language}: only {len(names)} names, table kept", file=sys.stderr)
        return
    # String literals of any length are C++, but compilers stop at some: one a chunk.
    lines = textwrap.wrap(" ".join(names), 96, break_long_words=False, break_on_hyphens=False)
    text = "".join(f'"{line} "\n' for line in lines)
    (HERE / f"{language}.inc").write_text(text)
    print(f"{language}: {len(names)} names")


def output(command, **more):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, **more).stdout
    except FileNotFoundError:
        return ""


def without_comments(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"//[^\n]*", " ", text)
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', " ", text)


def c_names():
    names = set()
    for header in C_HEADERS:
        source = f"#define _GNU_SOURCE\n#include <{header}.h>\n"
        names |= set(WORD.findall(without_comments(output(["gcc", "-E", "-P", "-xc", "-"], input=source))))
        macros = output(["gcc", "-E", "-dM", "-xc", "-"], input=source)
        names |= set(re.findall(r"^#define ([A-Za-z]\w*)", macros, flags=re.M))
        # What the standard itself names with an underscore.
        names |= set(re.findall(r"\b(_[A-Z][a-z]\w+|_exit)\b", macros))
    return names


def cpp_names():
    names = set()
    for root in sorted(pathlib.Path("/usr/include/c++").glob("*"))[-1:]:
        for file in list(root.glob("*")) + list((root / "bits").glob("*")) + list((root / "ext").glob("*")):
            if file.is_file():
                names |= set(WORD.findall(without_comments(file.read_text(errors="replace"))))
    return names


def windows_names(folder):
    """Functions, types and macros with parameters of the system's headers, without what begins with two
    underscores; and the names of all headers."""
    names, root = set(), pathlib.Path(folder)
    for header in WINDOWS_HEADERS:
        text = without_comments((root / f"{header}.h").read_text(errors="replace"))
        names |= set(re.findall(rf"\b(?:{WINDOWS_CALLS})\s+(\w+)\s*\(", text))
        names |= set(re.findall(r"^\s*#\s*define\s+(\w+)(?:\(|\s+__MINGW_NAME_AW)", text, flags=re.M))
        names |= set(re.findall(r"DECLARE_HANDLE\s*\(\s*(\w+)", text))
        names |= set(re.findall(r"\(\s*(?:\w+\s*)?\*\s*(\w+)\s*\)\s*\(", text))  # of function pointers
        for declarators in re.findall(r"(?:\}|\btypedef\s[^;{}()]*?)\s*(\w+(?:\s*,[\s\w*]+)*)\s*;", text):
            names |= {each.split()[-1].lstrip("*") for each in declarators.split(",") if each.strip("* ")}
    modules = {str(file.relative_to(root)) for file in root.glob("*.h")}
    plain = {name for name in names if re.match(r"_?[A-Za-z]", name) and not name.startswith("__")}
    return plain | {"_CRTIMP", "WINAPI", "CALLBACK", "TEXT"}, modules


def c_modules():
    """Headers of the C library as its package lists them, and of g++; some of other systems."""
    names = {line.split("/usr/include/")[1].removeprefix("x86_64-linux-gnu/")
             for line in output(["dpkg", "-L", "libc6-dev"]).splitlines()
             if line.endswith(".h") and "/usr/include/" in line and "/bits/" not in line}
    for root in sorted(pathlib.Path("/usr/include/c++").glob("*"))[-1:]:
        names |= {file.name for file in root.glob("*") if file.is_file()}
    return names | set("stdarg.h stdbool.h stddef.h stdint.h float.h limits.h iso646.h stdalign.h stdatomic.h "
                       "immintrin.h emmintrin.h smmintrin.h tmmintrin.h x86intrin.h arm_neon.h cpuid.h windows.h "
                       "winsock2.h ws2tcpip.h io.h direct.h process.h tchar.h intrin.h mach/mach.h mach/mach_time.h "
                       "TargetConditionals.h Availability.h sys/event.h sys/sysctl.h libproc.h xlocale.h "
                       "sys/filio.h format print expected generator stacktrace".split())


def python_names():
    import builtins
    warnings.simplefilter("ignore")
    names, modules = set(dir(builtins)), set(sys.stdlib_module_names)
    for name in sorted(modules):
        if name.startswith("_") or name in ("antigravity", "this", "idlelib", "turtledemo", "lib2to3", "turtle"):
            continue
        try:
            module = importlib.import_module(name)
        except (ImportError, OSError):
            continue
        for attribute in dir(module):
            if attribute.startswith("_"):
                continue
            names.add(attribute)
            value = getattr(module, attribute, None)
            if inspect.isclass(value):
                names |= {member for member in dir(value) if not member.startswith("_")}
    for kind in (int, str, bytes, list, dict, set, float, type, object, type(lambda: 0), BaseException):
        names |= set(dir(kind))
    names |= {"__name__", "__file__", "__all__", "__init__", "__enter__", "__exit__", "__call__", "__path__"}
    for inner in ("concurrent.futures", "importlib.metadata", "importlib.util", "logging.handlers", "os.path",
                  "unittest.mock", "urllib.parse", "urllib.request", "xml.etree.ElementTree", "email.message",
                  "http.server", "http.client", "xml.dom.minidom", "multiprocessing.pool"):
        module = importlib.import_module(inner)
        for attribute in dir(module):
            names.add(attribute)
            value = getattr(module, attribute, None)
            if inspect.isclass(value):
                names |= set(dir(value))
    return {n for n in names if not n.startswith("_") or n.endswith("__")}, modules


def javascript_names(typescript):
    names = set()
    if typescript:
        for file in pathlib.Path(typescript).glob("lib/lib.*.d.ts"):
            text = without_comments(file.read_text(errors="replace"))
            names |= set(re.findall(r"^\s*(?:readonly |declare |static |get |set |abstract )*"
                                    r"(?:var |const |function |interface |type |class |namespace )?"
                                    r"([A-Za-z_$][\w$]*)\s*[?(:<={]", text, flags=re.M))
    script = """const out = new Set(); const add = (o) => { for (let p = o; p; p = Object.getPrototypeOf(p))
      for (const n of Object.getOwnPropertyNames(p)) out.add(n); };
    add(globalThis); for (const n of Object.getOwnPropertyNames(globalThis)) { let v; try { v = globalThis[n]; } catch { continue; }
      if (v && (typeof v === 'function' || typeof v === 'object')) { add(v); if (v.prototype) add(v.prototype); } }
    const modules = require('module').builtinModules;
    for (const m of modules) { if (m.startsWith('_')) continue; let v; try { v = require(m); } catch { continue; } add(v);
      for (const n of Object.keys(v)) { const c = v[n]; if (typeof c === 'function' && c.prototype) add(c.prototype); } }
    console.log(JSON.stringify({names: [...out], modules}));"""
    answer = output(["node", "--no-warnings", "-e", script])
    modules = set()
    if answer:
        data = json.loads(answer)
        names |= {n for n in data["names"] if re.fullmatch(r"[A-Za-z$_][\w$]*", n)}
        modules = {m for m in data["modules"] if not m.startswith("_")}
    return names | {"require", "module", "exports", "arguments"}, modules


def java_names():
    classes = []
    home = re.search(r"java\.home = (\S+)", subprocess.run(["java", "-XshowSettings:properties", "-version"],
                                                          capture_output=True, text=True, check=False).stderr)
    if not home:
        return set()
    script = ("import java.nio.file.*; import java.net.URI; class L { public static void main(String[] a) throws Exception {"
              " var fs = FileSystems.getFileSystem(URI.create(\"jrt:/\")); try (var s = Files.walk(fs.getPath(\"/modules/java.base/java\")))"
              " { s.forEach(System.out::println); } } }")
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "L.java"
        file.write_text(script)
        for line in output(["java", str(file)]).splitlines():
            if JAVA_PACKAGES.search(line) and not re.search(r"\$\d", line):
                classes.append(line.removeprefix("/modules/java.base/").removesuffix(".class").replace("/", "."))
    names = {c.split(".")[-1] for c in classes}
    for at in range(0, len(classes), 200):
        text = output(["javap", "-public", *classes[at:at + 200]])
        names |= set(re.findall(r"\b([A-Za-z_]\w*)\(", text)) | set(re.findall(r"\b([A-Z]\w*);$", text, flags=re.M))
    return names


def go_names():
    names = set("append cap clear close complex copy delete imag len make max min new panic print println real recover "
                "any bool byte comparable complex128 complex64 error float32 float64 int int16 int32 int64 int8 rune "
                "string uint uint16 uint32 uint64 uint8 uintptr true false nil iota main init".split())
    root = pathlib.Path("/usr/local/go/src")
    for file in root.rglob("*.go"):
        inside = file.relative_to(root).parts
        if file.name.endswith("_test.go") or {"internal", "cmd", "testdata", "vendor", "syscall"} & set(inside):
            continue
        names.add(inside[-2] if len(inside) > 1 else "")
        text = without_comments(file.read_text(errors="replace"))
        names |= set(re.findall(r"^func (?:\([^)]*\) )?([A-Z]\w*)", text, flags=re.M))
        names |= set(re.findall(r"^(?:type|var|const) ([A-Z]\w*)", text, flags=re.M))
        names |= set(re.findall(r"^\t([A-Z]\w*)(?:\(.*\)| [\w\[\]*.=]|$)", text, flags=re.M))
    return names


RUBY_NAMES = """
%w[English abbrev base64 benchmark bigdecimal cgi coverage csv date delegate digest drb erb etc fcntl fiddle
   fileutils find forwardable getoptlong ipaddr json logger matrix monitor mutex_m net/http nkf objspace observer
   open-uri open3 openssl optparse ostruct pathname pp prettyprint prime pstore psych pty rbconfig rdoc readline
   resolv ripper securerandom set shellwords singleton socket stringio strscan tempfile time timeout tmpdir tsort
   uri weakref yaml zlib].each { |name| begin require name; rescue LoadError; end }
names = Object.constants.map(&:to_s)
ObjectSpace.each_object(Module) do |type|
  names.concat(Module.instance_method(:name).bind_call(type).to_s.split("::"))
  [type, type.singleton_class].each do |owner|
    names.concat(owner.instance_methods(false).map(&:to_s), owner.private_instance_methods(false).map(&:to_s))
  end
rescue StandardError
end
puts names.grep(/\\A[A-Za-z_]\\w*[?!=]?\\z/)
"""


def ruby_names():
    table = (HERE / "ruby.inc").read_text().replace('"', " ").split()
    names = output(["ruby", "--disable-gems", "-W0", "-e", RUBY_NAMES]).split()
    return set(names) | set(table) if names else set()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--typescript")
    arguments.add_argument("--windows")
    options = arguments.parse_args()
    HERE.mkdir(exist_ok=True)
    c = c_names()
    write("c", c)
    write("cpp", cpp_names() - c)
    write("c_modules", c_modules())
    names, modules = python_names()
    write("python", names)
    write("python_modules", modules)
    if options.typescript:
        names, modules = javascript_names(options.typescript)
        write("javascript", names)
        write("javascript_modules", {m for m in modules} | {"node:" + m for m in modules if ":" not in m})
    if options.windows:
        names, modules = windows_names(options.windows)
        write("windows", names - c)
        write("windows_modules", modules - c_modules() | {"windows.h", "winsock2.h"})
    write("java", java_names())
    write("go", go_names())
    write("ruby", ruby_names())


if __name__ == "__main__":
    main()
