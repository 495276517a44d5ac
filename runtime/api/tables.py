"""Renders what is looked up: entry points by name, error codes, exported symbols, trace printers."""
from headers import is_runtime
from registry import base_name, symbols

GENERATED = "// Generated from runtime/api/*.td.\n"


def fnv1a(name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def perfect_hash(names):
    """Displacements and slots of a two-level hash: slot = (low + displacement * (high | 1)) % slots."""
    slot_count = 1
    while slot_count < len(names) * 5 // 4:
        slot_count *= 2
    bucket_count = slot_count // 4
    buckets = [[] for _ in range(bucket_count)]
    for name in names:
        buckets[fnv1a(name) % bucket_count].append(name)
    slots, displacements = [None] * slot_count, [0] * bucket_count
    for bucket in sorted(range(bucket_count), key=lambda b: -len(buckets[b])):
        displacement = 0
        while True:
            places = [slot_of(name, displacement, slot_count) for name in buckets[bucket]]
            if len(set(places)) == len(places) and all(slots[p] is None for p in places):
                break
            displacement += 1
        displacements[bucket] = displacement
        for place, name in zip(places, buckets[bucket]):
            slots[place] = name
    return displacements, slots


def slot_of(name, displacement, slot_count):
    value = fnv1a(name)
    return ((value >> 16) + displacement * ((value >> 40) | 1)) % slot_count


def proc_variants(registry):
    """Name -> [(since, legacy symbol, since of the per-thread twin, per-thread symbol)], oldest first."""
    names = {}
    for function in registry.driver:
        known = registry.implemented(function)
        twins = list(symbols(function))
        per_thread = next(((s, v) for s, v, is_twin in twins if is_twin), (None, 0))
        legacy = function["!name"]
        row = (function["Since"], legacy if known else None, per_thread[1], per_thread[0] if known else None)
        names.setdefault(base_name(legacy), []).append(row)
        if function["ListedAs"]:
            names.setdefault(function["ListedAs"], []).append((function["ListedSince"], *row[1:]))
        # Programs that pass an exported name, suffix and all, get that very entry point.
        for symbol, since, _ in twins:
            if symbol != base_name(legacy):
                names.setdefault(symbol, []).append((since, symbol if known else None, 0, None))
    return {name: sorted(rows, key=lambda r: r[0]) for name, rows in names.items()
            if any(row[1] for row in rows)}


def render_proc_table(registry):
    names = proc_variants(registry)
    displacements, slots = perfect_hash(sorted(names))
    pointer = lambda symbol: f"TQ_PROC({symbol})" if symbol else "nullptr"
    variants, first = [], {}
    for name, rows in sorted(names.items()):
        first[name] = len(variants)
        variants += [f"{{{since}, {pointer(legacy)}, {twin_since}, {pointer(twin)}}},"
                     for since, legacy, twin_since, twin in rows]
    lines = [GENERATED, "const ProcVariant kVariants[] = {", *variants, "};", "const ProcName kNames[] = {"]
    for name in slots:
        lines.append(f'{{"{name}", {first[name]}, {len(names[name])}}},' if name else "{nullptr, 0, 0},")
    lines += ["};", "constexpr uint32_t kDisplacements[] = {", ", ".join(map(str, displacements)), "};", ""]
    return "\n".join(lines)


def render_version_script(registry):
    names = [symbol for function in registry.driver for symbol, _, _ in symbols(function)]
    return "{\n  global:\n" + "".join(f"    {name};\n" for name in sorted(names)) + "  local: *;\n};\n"


def render_error_codes(registry, enum):
    values = sorted(registry.enums[enum]["Values"], key=lambda v: v["Number"])
    return GENERATED + "".join(f'ERROR_CODE({v["Name"]}, "{v["Text"]}")\n' for v in values)


def printable_fields(aggregate):
    if aggregate["Keyword"] == "union":
        return []
    return [f for f in aggregate["Fields"]
            if f["Name"] and not f["Members"] and (not f["Dims"] or is_bytes(f))
            and not f["Name"].startswith(("reserved", "pad"))]


def is_bytes(field):
    return field["Dims"] and field["Dims"].count("[") == 1 and field["Type"].endswith("char")


def render_trace_printers_h(registry, runtime):
    lines = [GENERATED, "#pragma once", "", "#include <cuda.h>", "", "#include <type_traits>", "",
             '#include "runtime/cuda/trace_text.h"', "", "namespace tq::cuda {", "",
             "template <typename T>", "struct IsPrintable : std::false_type {};"]
    if runtime:
        lines = [GENERATED, "#pragma once", "", "#include <cuda_runtime_api.h>", "",
                 '#include "api/trace_printers.h"', "", "namespace tq::cuda {", ""]
    for name in registry.enums:
        if is_runtime(name) == runtime:
            lines.append(f"void PrintValue(TraceText& text, {name} value);")
    for name in registry.aggregates:
        if is_runtime(name) == runtime:
            lines += [f"void PrintValue(TraceText& text, const {name}& value);", "template <>",
                      f"struct IsPrintable<{name}> : std::true_type {{}};"]
    return "\n".join([*lines, "", "}  // namespace tq::cuda", ""])


def render_trace_printers_cc(registry, runtime):
    header = "api/cudart_trace_printers.h" if runtime else "api/trace_printers.h"
    lines = [GENERATED, f'#include "{header}"', "", '#include "runtime/cuda/trace_value.h"', "",
             "namespace tq::cuda {", ""]
    for name, record in registry.enums.items():
        if is_runtime(name) != runtime:
            continue
        lines += [f"void PrintValue(TraceText& text, {name} value) {{",
                  "  switch (static_cast<long long>(value)) {"]
        seen = set()
        for value in record["Values"]:
            if value["Number"] not in seen:
                seen.add(value["Number"])
                lines.append(f'    case {value["Number"]}: return text.Add("{value["Name"]}");')
        lines += ["    default: return text.AddSigned(static_cast<long long>(value));", "  }", "}"]
    for name, record in registry.aggregates.items():
        if is_runtime(name) != runtime:
            continue
        lines += [f"void PrintValue(TraceText& text, const {name}& value) {{", '  text.Add("{");']
        for index, field in enumerate(printable_fields(record)):
            comma = ", " if index else ""
            member = f'value.{field["Name"]}'
            add = f"PrintTo(text, {member})"
            if is_bytes(field):
                add = f"text.AddBytes({member}, sizeof({member}))"
            lines += [f'  text.Add("{comma}{field["Name"]}=");', f"  {add};"]
        lines += ['  text.Add("}");', "}"]
    return "\n".join([*lines, "", "}  // namespace tq::cuda", ""])
