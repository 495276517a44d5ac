"""Reads CTest's JUnit report and prints failures, tests that passed only when run again, skips with their reasons, and
last 'N passed, N failed, N skipped'.

usage: summarize_tests.py REPORT LOG. Exits 1 when a test failed, when none ran, or when the report is missing.
"""
import collections
import re
import sys
import xml.etree.ElementTree as xml

OUTPUT_LINES = 40  # of a failed test


def skip_reason(output):
    """What the test said: 'SKIPPED: reason', or the lines behind GoogleTest's 'FILE:LINE: Skipped'."""
    own = re.search(r"^SKIPPED: (.+)$", output, re.M)
    if own:
        return own.group(1)
    google = re.search(r": Skipped\n((?:(?!\[).+\n)+)", output)
    return " ".join(google.group(1).split()) if google else "no reason given"


def failed_once(log):
    """Tests that failed in any of their runs."""
    with open(log, errors="replace") as file:
        return sorted(set(re.findall(r"Test +#\d+: (\S+) \.*\*\*\*", file.read())))


def main():
    report, log = sys.argv[1:]
    try:
        cases = xml.parse(report).getroot().findall("testcase")
    except (OSError, xml.ParseError) as error:
        print(f"CTest left no report ({error}); see {log}")
        print("0 passed, 1 failed")
        return 1

    passed, failed, skipped = 0, [], collections.defaultdict(list)
    for case in cases:
        output = case.findtext("system-out") or ""
        if case.find("skipped") is not None:
            skipped[skip_reason(output)].append(case.get("name"))
        elif case.get("status") == "run":
            passed += 1
        else:
            failed.append(case.get("name"))
            print(f"--- {case.get('name')} failed; the end of what it printed:")
            print("\n".join("  " + line for line in output.rstrip().splitlines()[-OUTPUT_LINES:]))

    for reason, names in sorted(skipped.items()):
        shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        print(f"Skipped: {reason} ({shown})")
    for name in failed_once(log):
        if name not in failed and not any(name in names for names in skipped.values()):
            print(f"Passed only when run again: {name}")
    for name in failed:
        print(f"Failed: {name}")
    count = sum(len(names) for names in skipped.values())
    print(f"{passed} passed, {len(failed)} failed" + (f", {count} skipped" if count else ""))
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
