#!/bin/bash
set -euo pipefail
source ./lib.sh; . other.sh
readonly MAX=8 names=(a "b $c" 'd')
export PATH="$HOME/bin:${PATH:-/usr}" x
declare -A map=([a]=1 [b]=2)
alias ll='ls -l'
total() { local sum=0 i; for i in "$@"; do (( sum += i )); done; echo "$sum"; }
function main {
    if [[ $1 =~ ^a.*$ && -f "$2" ]] || ! test -d x; then return 1; elif true; then :; else exit 2; fi
    while read -r line; do case "$line" in a|b*) total 1 2 ;; *) break ;& esac; done < <(ls | sort -u) 2>&1 >&- &
    until false; do continue; done
    select x in a b; do echo $x; done
    for ((i = 0; i < 3; i++)) { echo $((i ** 2)) `date` $(total "${names[@]:1:2}" "${#map[a]}" "${x//a/b}"); }
    cat <<EOF | tee "$out"
text $MAX $(total 1)
EOF
    cat <<< "here" <<-'END'
	raw $x
	END
    trap 'echo $?' EXIT; unset x; coproc { sleep 1; }
}
main "$@" $'a\n' {1..3} ~/x ?.c
