"""Renders the lists by which tests compare our headers, and the look-up table, with NVIDIA's."""
from headers import is_runtime, is_runtime_constant
from registry import base_name, exported_name, symbols

GENERATED = "// Generated from runtime/api/*.td.\n"
# Declared by headers of NVIDIA's that need those of other vendors.
FOREIGN = ("GL", "EGL", "Egl", "egl", "VDPAU")


def is_foreign(name):
    return any(word in name for word in FOREIGN)


def field_paths(fields, prefix=""):
    for field in fields:
        path = prefix + field["Name"]
        if field["Members"]:
            # Members of an unnamed union are named as the parent's own.
            yield from field_paths(field["Members"], path + "." if field["Name"] else prefix)
        if field["Name"] and not field["Members"]:
            yield path


def render_layout(registry, runtime):
    lines = [GENERATED]
    for name, record in registry.aggregates.items():
        if is_runtime(name) == runtime and not is_foreign(name):
            lines.append(f"LAYOUT({name})")
            lines += [f"OFFSET({name}, {path})" for path in field_paths(record["Fields"])]
    for name, record in registry.enums.items():
        if is_runtime(name) == runtime and not is_foreign(name):
            lines.append(f"LAYOUT({name})")
            lines += [f'VALUE({v["Name"]})' for v in record["Values"]]
    for name in [*registry.typedefs, *registry.callbacks, *registry.handles, *registry.ordinals]:
        if is_runtime(name) == runtime and not is_foreign(name):
            lines.append(f"TYPE({name})")
    for name, record in registry.constants.items():
        is_type = record["Value"] in registry.enums or record["Value"] in registry.aggregates
        if is_runtime_constant(record) == runtime and not is_foreign(name) and not is_type:
            lines.append(f"VALUE({name})")
    current = [f for f in registry.runtime if exported_name(f, 13)]
    for function in current if runtime else registry.driver:
        if not is_foreign(function["!name"]) and not function["!name"].startswith("__"):
            lines.append(f'PROTOTYPE({function["!name"]})')
    return "\n".join([*lines, ""])


def render_versions(registry):
    lines = [GENERATED]
    for function in registry.driver:
        name = function["!name"]
        known = int(registry.implemented(function))
        for symbol, since, per_thread in symbols(function):
            lines.append(f"VERSION({base_name(name)}, {since}, {symbol}, {int(per_thread)}, {known})")
    return "\n".join([*lines, ""])
