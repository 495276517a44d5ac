"""Renders the calls that the generated tests make wrongly: each entry point with each of its arguments at fault."""
from registry import RELEASES, runtime_symbols, symbols

GENERATED = "// Generated from runtime/api/*.td.\n"
POINTERS = ("ptr", "str", "out", "inout", "array")
# No object of these lives in the tests, so that a call never comes to the handles behind them.
NEVER_MADE = ("CUgreenCtx", "CUdevResourceDesc")


class Types:
    """What the types of parameters stand for: a handle of which class, or none."""

    def __init__(self, registry):
        self.errors = {name: r["Error"] for name, r in [*registry.handles.items(), *registry.ordinals.items()]}
        self.handles = {name: name for name in self.errors}
        by_tag = {f'struct {record["Tag"]}*': name for name, record in registry.handles.items()}
        for const in ("", "const "):
            by_tag[const + "struct cudaArray*"] = "CUarray"
            by_tag[const + "struct cudaMipmappedArray*"] = "CUmipmappedArray"
        for name, record in registry.typedefs.items():
            if record["Type"] in by_tag:
                self.handles[name] = by_tag[record["Type"]]

    def handle(self, param):
        """The driver's handle type of a parameter that takes a handle; None for others."""
        return self.handles.get(param["Type"])


def arguments(function, types, wrong=None):
    """A call's arguments: live objects, zeros, and memory of ours behind pointers, but for the parameter that is wrong."""
    counts = {p["Count"] for p in function["Params"] if p is wrong and p["Count"]}
    for param in function["Params"]:
        kind, c_type = param["Kind"], param["Type"].split("[")[0] + ("*" if "[" in param["Type"] else "")
        if param is wrong:
            yield f"Zero<{c_type}>()" if kind in POINTERS else f"Wrong<{c_type}>(wrong)"
        elif param["Name"] in counts:
            yield f"One<{c_type}>()"
        elif types.handle(param):
            yield f"Live<{c_type}>()"
        elif kind in POINTERS and "*" in c_type:
            yield f"Scratch<{c_type}>()"
        else:
            yield f"Zero<{c_type}>()"


def zeros(function):
    return ", ".join(f'Zero<{p["Type"]}>()' for p in function["Params"])


def render_driver_cases(registry):
    """NOT_INITIALIZED_CASE(symbol, arguments); NO_CONTEXT_CASE(symbol, arguments);
    NULL_CASE(symbol, parameter, arguments); HANDLE_CASE(symbol, parameter, handle type, may be null, its error, arguments)"""
    types = Types(registry)
    lines = [GENERATED]
    for function in registry.driver:
        if not registry.implemented(function):
            continue
        for symbol, _, _ in symbols(function):
            if function["NeedsInit"]:
                lines.append(f"NOT_INITIALIZED_CASE({symbol}, ({zeros(function)}))")
            if function["NeedsContext"]:
                lines.append(f"NO_CONTEXT_CASE({symbol}, ({zeros(function)}))")
            for param in function["Params"]:
                call = f'({", ".join(arguments(function, types, param))})'
                if param["Kind"] in POINTERS:
                    lines.append(f'NULL_CASE({symbol}, {param["Name"]}, {call})')
                elif types.handle(param):
                    before = function["Params"][:function["Params"].index(param)]
                    if any(p["Kind"] == "handle" and p["Type"] in NEVER_MADE for p in before):
                        continue
                    optional = int(param["Kind"] != "handle")
                    handle = types.handle(param)
                    case = [symbol, param["Name"], handle, str(optional), types.errors[handle], call]
                    lines.append(f'HANDLE_CASE({", ".join(case)})')
    return "\n".join([*lines, ""])


def render_runtime_cases(registry):
    """The same of the newest libcudart: RUNTIME_NULL_CASE(symbol, parameter, arguments);
    RUNTIME_HANDLE_CASE(symbol, parameter, handle type, its error, arguments)"""
    types = Types(registry)
    lines = [GENERATED]
    for function in registry.runtime:
        forwards = function["ForwardsTo"] and registry.implemented(registry.functions[function["ForwardsTo"]])
        if (function["Status"] == "stub" and not forwards) or function["Result"] != "cudaError_t":
            continue
        for symbol, _ in runtime_symbols(function, RELEASES[-1]):
            if symbol.startswith("__"):
                continue
            for param in function["Params"]:
                call = f'({", ".join(arguments(function, types, param))})'
                if param["Kind"] in POINTERS:
                    lines.append(f'RUNTIME_NULL_CASE({symbol}, {param["Name"]}, {call})')
                elif types.handle(param):
                    handle = types.handle(param)
                    case = [symbol, param["Name"], handle, types.errors[handle], call]
                    lines.append(f'RUNTIME_HANDLE_CASE({", ".join(case)})')
    return "\n".join([*lines, ""])
