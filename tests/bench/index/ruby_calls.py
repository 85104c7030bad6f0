#!/usr/bin/env python3
"""Compares where calls of Ruby lead with what ran.

Usage: ruby_calls.py CALLS.tsv RAN [--wrong FILE]

CALLS.tsv comes from moxie_bench_references, RAN from ruby_calls.rb. Calls that did not run, or ran
only on other lines than the first of their row, are left out. Precision, coverage and outside are
those of references.py; a call that several methods answered is right if ours is one of them.
"""
import argparse
import collections


def read_ran(path):
    ran = collections.defaultdict(set)
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            call, name, method, definition = line.rstrip("\n").split("\t")
            ran[call, name].add(definition)
            if method == "initialize" and definition != "outside":
                ran[call, "initialize of new"].add(definition)
    return ran


def holds(definition, places):
    path, line = definition.rsplit(":", 1)
    for place in filter(None, places.replace("|", ",").split(",")):
        ours, first, last = place.rsplit(":", 2)
        if ours == path and int(first) <= int(line) <= int(last):
            return True
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calls")
    parser.add_argument("ran")
    parser.add_argument("--wrong", default="")
    options = parser.parse_args()
    ran, count, rules, wrong = read_ran(options.ran), collections.Counter(), collections.Counter(), []
    with open(options.calls, encoding="utf-8", errors="replace") as file:
        rows = [row.rstrip("\n").split("\t") for row in file]
    for path, line, name, receiver, verdict, rule, _, places in rows:
        call = "%s:%s" % (path, line)
        answers = ran.get((call, name), set())
        if name == "new":
            answers = ran.get((call, "initialize of new")) or answers
        if not answers:
            continue
        inside = {answer for answer in answers if answer != "outside"}
        right = any(holds(answer, places) for answer in inside)
        if verdict in ("outside", "local"):
            right = not inside
        count["calls"] += 1
        count["inside"] += bool(inside)
        count[verdict] += 1
        count[verdict + " right"] += right
        count[verdict + " inside"] += bool(inside)
        rules[verdict, rule, right] += 1
        if not right:
            wrong.append("\t".join([call, receiver, name, verdict, rule, places, ",".join(sorted(answers))]))
    if options.wrong:
        with open(options.wrong, "w", encoding="utf-8") as file:
            file.write("\n".join(wrong) + "\n")

    def share(part, whole):
        return "%d of %d (%.1f %%)" % (part, whole, 100 * part / whole) if whole else "0 of 0"

    print("%d calls that ran, %d of them in the repository" % (count["calls"], count["inside"]))
    print("precision  " + share(count["definition right"], count["definition"]))
    print("coverage   " + share(count["definition inside"], count["inside"]))
    print("outside    " + share(count["outside right"], count["outside"]))
    print("ambiguous  %d, of %d what ran is among them" % (count["ambiguous"], count["ambiguous right"]))
    for verdict, rule in sorted({key[:2] for key in rules}):
        right = rules[verdict, rule, True]
        print("  %-11s%-13s%s" % (verdict, rule, share(right, right + rules[verdict, rule, False])))


if __name__ == "__main__":
    main()
