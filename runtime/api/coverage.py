"""Renders docs/api-coverage.md, and the list of symbols."""
from registry import nouns, symbols

STATES = ("done", "partial", "stub")


def state(registry, function):
    if function.get("AliasOf"):
        return state(registry, registry.functions[function["AliasOf"]])
    if function.get("ForwardsTo") and function["Status"] == "stub":
        return state(registry, registry.functions[function["ForwardsTo"]])
    return function["Status"]


def render_section(registry, title, functions):
    count = lambda fs, s: sum(len(list(symbols(f))) for f in fs if state(registry, f) == s)
    lines = [f"## {title}", "", "| noun | " + " | ".join(STATES) + " | symbols |", "|---|--:|--:|--:|--:|"]
    groups = {noun: [f for f in functions if f["Noun"] == noun] for noun in nouns(functions)}
    for noun, members in [*groups.items(), ("**all**", functions)]:
        numbers = [count(members, s) for s in STATES]
        lines.append(f"| {noun} | " + " | ".join(map(str, numbers)) + f" | {sum(numbers)} |")
    partial = [f for f in functions if state(registry, f) == "partial"]
    if partial:
        lines += ["", "Partly there:", ""]
        lines += [f'- `{f["!name"]}`: {f["Why"] or "see its alias"}' for f in partial]
    stays = [f for f in functions if state(registry, f) == "stub" and f["Why"]]
    if stays:
        lines += ["", "Not there, for a reason:", ""]
        for why in sorted({f["Why"] for f in stays}):
            names = ", ".join(f'`{f["!name"]}`' for f in stays if f["Why"] == why)
            lines.append(f"- {why}: {names}")
    for s, heading in (("done", "Done"), ("stub", "Not there yet")):
        names = [f'`{f["!name"]}`' for f in functions if state(registry, f) == s and f not in stays]
        lines += ["", f"<details><summary>{heading}: {len(names)} entry points</summary>", "",
                  ", ".join(names), "", "</details>"]
    return lines + [""]


def render_coverage(registry):
    lines = ["# API coverage", "",
             "Generated from `runtime/api/*.td`: the same field decides what is counted here and what",
             "`cuGetProcAddress` finds. Symbols include the `_ptsz` and `_ptds` twins. A stub exists for the",
             "linker, returns `CUDA_ERROR_NOT_SUPPORTED` and names itself once in the log.", ""]
    lines += render_section(registry, "Driver API (libcuda.so.1)", registry.driver)
    lines += render_section(registry, "Runtime API (libcudart.so)", registry.runtime)
    return "\n".join(lines)


def render_symbols(registry, functions):
    names = sorted(symbol for f in functions for symbol, _, _ in symbols(f))
    return "// Generated from runtime/api/*.td.\n" + "".join(f"SYMBOL({name})\n" for name in names)
