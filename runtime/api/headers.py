"""Renders the public headers: types in dependency order, then prototypes."""
import re

from registry import base_name, declare, exported_name, signature, symbols

WORD = re.compile(r"[A-Za-z_]\w*")


class TypeOrder:
    """Emits each type once, after everything that its definition needs."""

    def __init__(self, registry):
        self.registry = registry
        self.all = {}
        for group in (registry.enums, registry.handles, registry.ordinals, registry.typedefs,
                      registry.callbacks, registry.aggregates):
            self.all.update(group)
        self.by_tag = {r["Tag"]: n for n, r in self.all.items() if r.get("Tag")}
        self.emitted = []

    def references(self, name):
        record = self.all[name]
        if name in self.registry.aggregates:
            return self._field_references(record["Fields"])
        if name in self.registry.callbacks:
            return WORD.findall(" ".join([record["Result"], *record["Params"]]))
        if name in self.registry.typedefs or name in self.registry.ordinals:
            text = record["Type"]
            # A pointer to a tagged type needs no definition of it.
            return [] if re.search(r"(struct|union) \w+\*", text) else WORD.findall(text)
        return []

    def _field_references(self, fields):
        for field in fields:
            if field["Members"]:
                yield from self._field_references(field["Members"])
            elif not re.search(r"(struct|union) \w+\*", field["Type"]):
                yield from WORD.findall(field["Type"])

    def visit(self, name):
        name = name if name in self.all else self.by_tag.get(name)
        if name is None or name in self.emitted:
            return
        for reference in self.references(name):
            if reference != name:
                self.visit(reference)
        if name not in self.emitted:
            self.emitted.append(name)


def is_runtime(name):
    return name.startswith("cuda") or name.startswith("libraryProp")


def is_runtime_constant(record):
    return "cudart_" in record["!locs"][0]


def render_fields(fields, indent):
    lines = []
    pad = "  " * indent
    for field in fields:
        if field["Members"]:
            lines.append(f'{pad}{field["Type"]} {{')
            lines += render_fields(field["Members"], indent + 1)
            lines.append(f'{pad}}} {field["Name"]}{field["Dims"]};'.replace("} ;", "};"))
        else:
            align = f'TIANQIAO_ALIGN({field["Align"]}) ' if field["Align"] else ""
            lines.append(f'{pad}{align}{field["Type"]} {field["Name"]}{field["Dims"]};')
    return lines


def render_type(registry, name):
    if name in registry.handles:
        return [f'typedef struct {registry.handles[name]["Tag"]}* {name};']
    if name in registry.typedefs or name in registry.ordinals:
        record = registry.typedefs.get(name) or registry.ordinals[name]
        return [f'typedef {declare(record["Type"], name)};']
    if name in registry.callbacks:
        record = registry.callbacks[name]
        return [f'typedef {record["Result"]} (CUDA_CB* {name})({", ".join(record["Params"])});']
    if name in registry.enums:
        record = registry.enums[name]
        keyword, body = "enum", [f'  {v["Name"]} = {v["Number"]},' for v in record["Values"]]
    else:
        record = registry.aggregates[name]
        keyword, body = record["Keyword"], render_fields(record["Fields"], 1)
        if record["Align"]:
            keyword += f' TIANQIAO_ALIGN({record["Align"]})'
    return [f'typedef {keyword} {record["Tag"]} {{'.replace("  {", " {"), *body, f"}} {name};"]


def guarded(name, lines):
    """Types of both headers, which a program may include in either order."""
    return [f"#ifndef TIANQIAO_HAS_{name}", f"#define TIANQIAO_HAS_{name}", *lines, "#endif"]


PREAMBLE = """\
// Generated from runtime/api/*.td.
#ifndef {guard}
#define {guard}

{includes}
#ifndef CUDAAPI
#define CUDAAPI
#endif
#ifndef CUDA_CB
#define CUDA_CB
#endif
#ifndef TIANQIAO_ALIGN
#ifdef __cplusplus
#define TIANQIAO_ALIGN(bytes) alignas(bytes)
#define TIANQIAO_DEFAULT(value) = value
#else
#define TIANQIAO_ALIGN(bytes) _Alignas(bytes)
#define TIANQIAO_DEFAULT(value)
#endif
#endif
"""

BEGIN = """
#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
"""

END = """
#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
"""


def shared_types(registry):
    """Driver types that the runtime's types are made of."""
    order = TypeOrder(registry)
    for name in order.all:
        if is_runtime(name):
            order.visit(name)
    return [n for n in order.emitted if not is_runtime(n)]


def render_types(registry, runtime):
    order = TypeOrder(registry)
    for name in order.all:
        if is_runtime(name) == runtime:
            order.visit(name)
    shared = shared_types(registry)
    lines = []
    for name, record in registry.constants.items():
        if is_runtime_constant(record) == runtime:
            lines.append(f'#define {name} {record["Value"]}')
    for name in order.emitted:
        text = render_type(registry, name)
        lines += guarded(name, text) if name in shared else text
    return lines


def default_versions(registry):
    """Name in a program's source -> entry point it stands for."""
    chosen = {}
    for function in registry.driver:
        name = function["!name"]
        base = base_name(name)
        version = int(name[len(base) + 2:] or 1)
        if function["IsDefault"] and version > chosen.get(base, (0, None))[0]:
            chosen[base] = (version, function)
    names = {base: function for base, (_, function) in chosen.items()}
    for function in registry.driver:
        if function["ListedAs"]:
            names[function["ListedAs"]] = function
    return names


def version_macros(registry):
    lines = ["#ifndef __CUDA_API_VERSION_INTERNAL", "#ifdef CUDA_API_PER_THREAD_DEFAULT_STREAM"]
    plain = []
    for base, function in default_versions(registry).items():
        name = function["!name"]
        twins = [s for s, _, per_thread in symbols(function) if per_thread]
        if twins:
            lines.append(f"#define {base} {twins[0]}")
            if name != base:
                plain.append(f"#define {base} {name}")
        elif name != base:
            lines.append(f"#define {base} {name}")
            plain.append(f"#define {base} {name}")
    return lines + ["#else", *plain, "#endif", "#endif"]


def render_cuda_h(registry):
    includes = "#include <stddef.h>\n#include <stdint.h>\n\n#define CUDA_VERSION 13000"
    lines = [PREAMBLE.format(guard="TIANQIAO_CUDA_H_", includes=includes)]
    lines += [*render_types(registry, runtime=False), BEGIN]
    for function in registry.driver:
        for symbol, _, _ in symbols(function):
            lines.append(f'{function["Result"]} CUDAAPI {symbol}({signature(function)});')
    return "\n".join([*lines, END, *version_macros(registry), "#endif", ""])


def render_driver_types_h(registry):
    includes = "#include <limits.h>\n#include <stddef.h>\n\n#include \"vector_types.h\""
    lines = [PREAMBLE.format(guard="TIANQIAO_DRIVER_TYPES_H_", includes=includes)]
    return "\n".join([*lines, *render_types(registry, runtime=True), "", "#endif", ""])


def render_cuda_runtime_api_h(registry):
    includes = ('#include "driver_types.h"\n\n#define CUDART_VERSION 13000\n#define CUDARTAPI\n'
                "#define CUDART_CB")
    lines = [PREAMBLE.format(guard="TIANQIAO_CUDA_RUNTIME_API_H_", includes=includes)]
    lines.append(BEGIN)
    macros = ["#if defined(CUDA_API_PER_THREAD_DEFAULT_STREAM) && !defined(__CUDA_API_VERSION_INTERNAL)"]
    for function in registry.runtime:
        if not exported_name(function, 13):
            continue
        for symbol, _, per_thread in symbols(function):
            lines.append(f'{function["Result"]} {symbol}({signature(function, with_defaults=True)});')
            if per_thread:
                macros.append(f'#define {function["!name"]} {symbol}')
    return "\n".join([*lines, END, *macros, "#endif", "#endif", ""])
