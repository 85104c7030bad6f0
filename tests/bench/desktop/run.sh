#!/usr/bin/env bash
# Measures the desktop window against its goals, beside Kate, Qt Creator and Chromium:
#   ./check --bench desktop [--full]
# --full also builds the window from scratch without ccache (some minutes). See README.md here.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../../.."
. app/setup/setup.sh
# Debian's own interpreter: its packages give the accessibility tree and the X protocol.
python=/usr/bin/python3
missing=
for need in Xvfb:xvfb openbox:openbox xdotool:xdotool dbus-daemon:dbus-daemon; do
    command -v "${need%%:*}" >/dev/null || missing="$missing ${need#*:}"
done
"$python" -c 'import pyatspi' 2>/dev/null || missing="$missing python3-pyatspi at-spi2-core"
"$python" -c 'import Xlib' 2>/dev/null || missing="$missing python3-xlib"
[ -z "$missing" ] || die "the bench needs these packages: apt-get install$missing"
for peer in kate:kate qtcreator:qtcreator chromium:chromium; do
    command -v "${peer%%:*}" >/dev/null || say "${peer%%:*} is left out: apt-get install ${peer#*:}"
done
# The same optimisation as release, with the benchmarks and the scripted model server.
programs=moxie_scripted_server
for name in "" _logic _session _sessions _conversation _composer _plan _changes _commit _code _output _cost _settings \
    _welcome _window; do
    programs="$programs moxie_test_desktop$name"
done
# shellcheck disable=SC2086
build dev $programs
exec "$python" tests/bench/desktop/measure.py "$@"
