# Shared by ./run and ./check: system packages, fetched sources, build. Sourced, not run.
# Every step that needs more than a second shows that it is alive; a failing step prints its command, its last
# lines and what to do next, and the same command run again goes on where it stopped.

setup_log_dir="${XDG_CACHE_HOME:-$HOME/.cache}/moxie/log"
[ -z "${MOXIE_HOME:-}" ] || setup_log_dir="$MOXIE_HOME/cache/log"
setup_yes=0
setup_offline=0
[ "${CI:-}" = true ] && setup_yes=1

say() { printf '%s\n' "$*" >&2; }

die() {
    say "set-up: $*"
    exit 1
}

# step "what it does" command...: runs it with its output in a log.
step() {
    local what=$1 log pid started=$SECONDS waited last
    shift
    mkdir -p "$setup_log_dir"
    log="$setup_log_dir/$(printf '%s' "$what" | tr -c 'a-zA-Z0-9' '-' | cut -c1-40).log"
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    # shellcheck disable=SC2064
    trap "kill $pid 2>/dev/null; exit 130" INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        waited=$((SECONDS - started))
        if [ -t 2 ]; then
            last=$(tail -n 1 "$log" 2>/dev/null | tr -d '\r' | cut -c1-60)
            printf '\r\033[K%s ... %ds  %s' "$what" "$waited" "$last" >&2
        elif [ $((waited % 30)) -eq 29 ]; then
            say "$what ... ${waited}s  $(tail -n 1 "$log" | cut -c1-80)"
            sleep 0.6
        fi
        sleep 0.4
    done
    trap - INT TERM
    [ -t 2 ] && printf '\r\033[K' >&2
    if wait "$pid"; then
        [ $((SECONDS - started)) -lt 2 ] || say "$what: done in $((SECONDS - started)) s"
        return 0
    fi
    say "$what: failed"
    say "  command: $*"
    tail -n 25 "$log" | sed 's/^/  | /' >&2
    say "  whole output: $log"
    return 1
}

# Names and reasons of the packages that are missing, one "name reason" a line. $1: run or check.
missing_packages() {
    local name when found reason names=""
    while read -r name when found reason; do
        case $name in '' | '#'*) continue ;; esac
        [ "$when" = run ] || [ "$1" = check ] || continue
        case $found in
            cmd:*) command -v "${found#cmd:}" >/dev/null 2>&1 || printf '%s %s\n' "$name" "$reason" ;;
            *) names="$names $name" ;;
        esac
    done <app/setup/packages.txt
    # shellcheck disable=SC2086
    installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' $names 2>/dev/null | awk '$2=="installed"{print $1}')
    for name in $names; do
        case " $(printf '%s' "$installed" | tr '\n' ' ') " in
            *" $name "*) ;;
            *) printf '%s %s\n' "$name" "$(awk -v n="$name" '$1==n{$1="";$2="";$3="";sub(/^ +/,"");print}' app/setup/packages.txt)" ;;
        esac
    done
}

ensure_packages() {
    local missing answer sudo=""
    command -v dpkg-query >/dev/null 2>&1 || {
        say "This is no Debian or Ubuntu; please install the packages that app/setup/packages.txt names. Going on."
        return 0
    }
    missing=$(missing_packages "$1")
    [ -n "$missing" ] || return 0
    say "Moxie needs these system packages:"
    printf '%s\n' "$missing" | awk '{n=$1;$1="";printf "  %-22s%s\n",n,$0}' >&2
    [ "$setup_offline" = 0 ] || die "--offline forbids installing them. Run once without --offline."
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || die "they need root and there is no sudo. As root: apt-get install $(printf '%s' "$missing" | awk '{printf "%s ",$1}')"
        sudo=sudo
    fi
    if [ "$setup_yes" = 0 ]; then
        [ -t 0 ] || die "no terminal to ask on. Run again with --yes to install them."
        printf 'Install them with %sapt-get? [Y/n] ' "${sudo:+$sudo }" >&2
        read -r answer
        case $answer in '' | y* | Y*) ;; *) die "not installed. Nothing was changed." ;; esac
    fi
    # The password is asked for here, on the terminal, not inside a step.
    [ -z "$sudo" ] || sudo -v || die "sudo was refused."
    step "Reading package lists" $sudo apt-get update || die "next: check the network or /etc/apt/sources.list, then run again."
    # shellcheck disable=SC2046
    step "Installing system packages" $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        $(printf '%s\n' "$missing" | awk '{print $1}') || die "next: run again; apt goes on where it stopped."
}

ensure_sources() {
    local offline=""
    [ "$setup_offline" = 0 ] || offline=--offline
    if [ -n "$(python3 app/setup/fetch.py --list --when "$1")" ]; then
        # shellcheck disable=SC2086
        step "Fetching grammars and the sample model" python3 app/setup/fetch.py $offline --when "$1" || exit 1
    fi
}

# build PRESET [TARGET...]: configures once, then builds what changed.
build() {
    local preset=$1
    shift
    if [ ! -f "build/$preset/build.ninja" ]; then
        step "Configuring ($preset)" cmake --preset "$preset" || die "next: read the lines above; a missing package is named there."
    fi
    step "Building ($preset)" cmake --build "build/$preset" ${1:+--target "$@"} ||
        die "next: if you changed a file, mend the error above; else report it with the whole output."
}
