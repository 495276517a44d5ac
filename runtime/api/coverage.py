"""Renders docs/api-coverage.md, and the list of symbols."""
from registry import nouns, symbols

STATES = ("done", "partial", "refused", "stub")


def behind(registry, function):
    """The entry point whose record says how far it has come: its own, its alias's, or what it forwards to."""
    if function.get("AliasOf"):
        return behind(registry, registry.functions[function["AliasOf"]])
    if function.get("ForwardsTo") and function["Status"] == "stub":
        return behind(registry, registry.functions[function["ForwardsTo"]])
    return function


def state(registry, function):
    record = behind(registry, function)
    return "refused" if record["Answer"] else record["Status"]


def render_section(registry, title, functions):
    count = lambda fs, s: sum(len(list(symbols(f))) for f in fs if state(registry, f) == s)
    lines = [f"## {title}", "", "| noun | " + " | ".join(STATES) + " | symbols |", "|---|" + "--:|" * (len(STATES) + 1)]
    groups = {noun: [f for f in functions if f["Noun"] == noun] for noun in nouns(functions)}
    for noun, members in [*groups.items(), ("**all**", functions)]:
        numbers = [count(members, s) for s in STATES]
        lines.append(f"| {noun} | " + " | ".join(map(str, numbers)) + f" | {sum(numbers)} |")
    partial = [f for f in functions if state(registry, f) == "partial"]
    if partial:
        lines += ["", "Partly there:", ""]
        lines += [f'- `{f["!name"]}`: {behind(registry, f)["Why"]}' for f in partial]
    stays = [f for f in functions if state(registry, f) in ("refused", "stub") and behind(registry, f)["Why"]]
    if stays:
        lines += ["", "Not there, for a reason:", ""]
        reason = lambda f: (behind(registry, f)["Why"], behind(registry, f)["Answer"])
        for why, answer in sorted({reason(f) for f in stays}):
            names = ", ".join(f'`{f["!name"]}`' for f in stays if reason(f) == (why, answer))
            lines.append(f"- {why}{f' (`{answer}`)' if answer else ''}: {names}")
    for s, heading in (("done", "Done"), ("stub", "Not there yet")):
        names = [f'`{f["!name"]}`' for f in functions if state(registry, f) == s and f not in stays]
        lines += ["", f"<details><summary>{heading}: {len(names)} entry points</summary>", "",
                  ", ".join(names), "", "</details>"]
    return lines + [""]


def render_coverage(registry):
    lines = ["# API coverage", "",
             "Generated from `runtime/api/*.td`: the same field decides what is counted here and what",
             "`cuGetProcAddress` finds. Symbols include the `_ptsz` and `_ptds` twins. A stub exists for the",
             "linker, returns `CUDA_ERROR_NOT_SUPPORTED` and names itself once in the log. What is refused checks its",
             "arguments and returns the error that the manual has for the case.", ""]
    lines += render_section(registry, "Driver API (libcuda.so.1)", registry.driver)
    lines += render_section(registry, "Runtime API (libcudart.so)", registry.runtime)
    return "\n".join(lines)


def render_symbols(registry, functions):
    names = sorted(symbol for f in functions for symbol, _, _ in symbols(f))
    return "// Generated from runtime/api/*.td.\n" + "".join(f"SYMBOL({name})\n" for name in names)
