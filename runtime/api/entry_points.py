"""Renders libcuda's side of the entry points: thunks, declarations of implementations, handle resolution."""
from registry import declare, nouns, signature, symbols

GENERATED = "// Generated from runtime/api/*.td.\n"


def impl_target(registry, function):
    return registry.functions[function["AliasOf"]] if function["AliasOf"] else function


def needs_default_stream(function):
    """The entry point says which default stream it means by its name alone: cuMemcpy_ptds, cuLaunchKernelEx_ptsz."""
    has_stream = any(param["Type"] == "CUstream" for param in function["Params"])
    return function["Ptds"] or (function["Ptsz"] and not has_stream)


def impl_params(registry, function):
    params = ["core::Stream& default_stream"] if needs_default_stream(function) else []
    if function["AsksCaller"]:
        params.append("const void* caller")
    for param in function["Params"]:
        cls = registry.object_of(param["Type"])
        if param["Kind"] == "handle":
            params.append(f'core::{cls}& {param["Name"]}')
        elif param["Kind"] == "opthandle":
            params.append(f'core::{cls}* {param["Name"]}')
        else:
            params.append(declare(param["Type"], param["Name"]))
    return ", ".join(params)


def render_resolve_h(registry):
    """core::Resolve of each handle type, and what the entry points must know of the types."""
    objects = {**registry.handles, **registry.ordinals}
    lines = [GENERATED + "// Handle to object. nullptr: wild, stale, null, or of another class.",
             "#pragma once", "", "#include <cuda.h>", "", "namespace tq::core {", ""]
    lines += [f"class {name};" for name in sorted({r["Object"] for r in objects.values()})]
    lines += ["", "// What stream 0 means to the caller: the legacy default stream, or its own thread's.",
              "enum class DefaultStream { kLegacy, kPerThread };", ""]
    for name, record in objects.items():
        extra = ", DefaultStream default_stream" if record["Object"] == "Stream" else ""
        lines.append(f'{record["Object"]}* Resolve({name} handle{extra});')
    lines += ["", "}  // namespace tq::core", "", "namespace tq::cuda {", "",
              "template <typename H>", "struct HandleTraits;"]
    for name, record in objects.items():
        lines += ["template <>", f"struct HandleTraits<{name}> {{",
                  f'  using Object = core::{record["Object"]};',
                  f'  static constexpr CUresult kError = {record["Error"]};', "};"]
    return "\n".join([*lines, "", "}  // namespace tq::cuda", ""])


def render_impl_h(registry, noun):
    lines = [GENERATED + f"// To be written by hand for runtime/api/{noun}.td.",
             "#pragma once", "", '#include "absl/status/status.h"', '#include "api/resolve.h"', "",
             "namespace tq::cuda::impl {", ""]
    for function in registry.driver:
        if function["Noun"] == noun and not function["AliasOf"] and not function["Answer"]:
            lines.append(f'absl::Status {function["!name"]}({impl_params(registry, function)});')
    return "\n".join([*lines, "", "}  // namespace tq::cuda::impl", ""])


WRAPPERS = {"in": "InArg", "opt": "InArg", "ptr": "RequiredArg", "str": "RequiredArg", "out": "OutArg",
            "inout": "OutArg", "array": "ArrayArg", "handle": "HandleArg", "opthandle": "OptHandleArg"}


def wrapped_arguments(function, per_thread):
    default = f'core::DefaultStream::{"kPerThread" if per_thread else "kLegacy"}'
    if needs_default_stream(function):
        yield f"DefaultStreamArg{{{default}}}"
    if function["AsksCaller"]:
        yield "CallerArg{__builtin_return_address(0)}"
    for param in function["Params"]:
        name, extra = param["Name"], ""
        if param["Kind"] == "array":
            extra = f', {param["Count"]}'
        elif param["Kind"] == "handle" and param["Type"] == "CUstream":
            extra = f", {default}"
        yield f'{WRAPPERS[param["Kind"]]}{{"{name}", {name}{extra}}}'


def needs(function):
    if function["NeedsContext"]:
        return "kNeedsInit | kNeedsContext"
    return "kNeedsInit" if function["NeedsInit"] else "kNeedsNothing"


def render_thunks(registry, noun):
    lines = [GENERATED, f'#include "api/{noun}.h"', '#include "runtime/cuda/entry.h"', "",
             "using namespace tq;        // NOLINT: thunks only", "using namespace tq::cuda;  // NOLINT", ""]
    for function in registry.driver:
        if function["Noun"] != noun:
            continue
        for symbol, _, per_thread in symbols(function):
            lines.append(f'{function["Result"]} {symbol}({signature(function)}) {{')
            if registry.implemented(function):
                target = impl_target(registry, function)
                answer = f'Refuse{{{target["Answer"]}, "{target["Why"]}"}}'
                behind = answer if target["Answer"] else f'impl::{target["!name"]}'
                arguments = [f'"{symbol}"', behind, *wrapped_arguments(function, per_thread)]
                lines.append(f'  return Enter<{needs(function)}>({", ".join(arguments)});')
            else:
                arguments = [f'"{symbol}"', "said", *wrapped_arguments(function, per_thread)]
                lines.append("  static std::atomic<bool> said{false};")
                lines.append(f'  return NotImplemented({", ".join(arguments)});')
            lines += ["}", ""]
    return "\n".join(lines)


def driver_nouns(registry):
    return nouns(registry.driver)
