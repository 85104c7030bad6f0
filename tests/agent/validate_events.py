"""Holds event lines against the published schema with the jsonschema package.

    python3 tests/agent/validate_events.py agent/event.schema.json EVENTS.jsonl

Works on what `moxie run --output stream-json` prints and on what the tests write. Ends with 1 if a
line does not fit, or if the schema takes a line that was broken on purpose.
"""
import json
import sys

import jsonschema


def main(schema_file, events_file):
    with open(schema_file, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    counts, wrong = {}, 0
    with open(events_file, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            event = json.loads(line)
            counts[event["type"]] = counts.get(event["type"], 0) + 1
            for error in validator.iter_errors(event):
                print(f"line {number}: {error.message}")
                wrong += 1
            for key in ("seq", "type"):
                broken = {k: v for k, v in event.items() if k != key}
                if validator.is_valid(broken):
                    print(f"line {number}: the schema takes it without {key}")
                    wrong += 1
            if validator.is_valid({**event, "no_such_field": 1}):
                print(f"line {number}: the schema takes an unknown field")
                wrong += 1
    print(f"{sum(counts.values())} events of {len(counts)} kinds, {wrong} wrong")
    return 1 if wrong or not counts else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
