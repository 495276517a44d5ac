"""Renders the PTX instruction table (llvm-tblgen --dump-json of ptx.td) as C++ and as documentation.

  render.py ptx.json --out DIR --docs ptx-coverage.md

DIR gets isa.h (enumerations), isa.cc (tables), lower_handlers.inc (HANDLER(Name) for each custom: handler)
and devicelib_calls.inc (DEVICELIB_CALL(name, result, parameters...) for each call: function). The classes and
the meaning of their fields are in instruction.td; the C++ structures in form.h. A mistake in a record ends
the build with the record's name.
"""
import argparse
import itertools
import json
import os
import re
import sys

TYPES = (
    "pred b8 b16 b32 b64 b128 u8 u16 u32 u64 s8 s16 s32 s64 f16 f16x2 bf16 bf16x2 tf32 f32 f32x2 f64 "
    "u16x2 s16x2 u8x4 s8x4 e4m3 e5m2 e4m3x2 e5m2x2 e4m3x4 e5m2x4 e2m1 e2m1x2 e2m1x4 e2m3 e2m3x2 e2m3x4 "
    "e3m2 e3m2x2 e3m2x4 s2f6x2 ue8m0 ue8m0x2 ue4m3 u2 s2 u4 s4 b1 b4 b6 b4x16 b6x16 texref samplerref surfref "
).split()
TYPE_ALIASES = {"b6x16_p32": "b6x16", "b4x16_p64": "b4x16"}
SPACES = {"const": "kConst", "global": "kGlobal", "local": "kLocal", "param": "kParam",
          "param::entry": "kParam", "param::func": "kParam", "shared": "kShared", "shared::cta": "kShared",
          "shared::cluster": "kShared"}
LOWER_KINDS = {"op": "kOp", "llvm": "kIntrinsic", "call": "kCall", "custom": "kCustom"}


class RecordError(Exception):
    pass


def enumerator(spelling):
    """`L2::128B` -> kL2_128B, `ld_reduce` -> kLdReduce, `1d` -> k1d, `NaN` -> kNaN."""
    out = ""
    for part in re.split(r"::|[_.%]+", spelling):
        out += ("_" if part[:1].isdigit() and out else "") + part[:1].upper() + part[1:]
    return "k" + out


def type_constant(name):
    """C++ enumerator of a type: e4m3x2 -> kE4M3x2, bf16x2 -> kBF16x2, u16x2 -> kU16x2."""
    name = TYPE_ALIASES.get(name, name)
    if name not in TYPES:
        return None
    base, times, count = re.match(r"([a-z]+[0-9]*(?:[mf][0-9])?)(x?)([0-9]*)$", name).groups()
    upper = base.upper() if re.match(r"(ue|e|bf|tf|s2f)\d", base) else base[0].upper() + base[1:]
    return "k" + upper + times + count


class Form:
    """One form with its syntax taken apart."""

    def __init__(self, instruction, record, defaults):
        self.record = record
        self.syntax = record["Syntax"]
        self.section = instruction["Section"]
        self.since = record["Since"] or instruction["Since"]
        self.sm = record["Sm"] or instruction["Sm"]
        self.traits = [t["def"] for t in instruction["Traits"] + record["Traits"]]
        self.lower = record["Lower"]
        self.reference = record["Ref"]
        self.choices = dict(defaults)
        self.own = {s["Name"] for s in record["Slots"]}
        self.choices.update({s["Name"]: s["Choices"] for s in record["Slots"]})
        head, _, operands = self.syntax.partition(" ")
        self.mnemonic = re.match(r"[a-z0-9_]+", head).group()
        self.parse_modifiers(head[len(self.mnemonic):])
        pairs = record["Types"].split()
        if not all(re.fullmatch(r"\w+:\S+", p) for p in pairs):
            raise RecordError(f"`{self.syntax}`: cannot read Types `{record['Types']}`")
        self.types = dict(pair.split(":", 1) for pair in pairs)
        self.operands = [self.operand(text, optional) for text, optional in self.split_operands(operands)]
        unused = (self.own - set(self.slots)) | (set(self.types) - self.names)
        if unused:
            raise RecordError(f"`{self.syntax}` does not use {sorted(unused)}")

    def parse_modifiers(self, text):
        pieces = re.findall(r"\{\.(<\w+>|[\w:]+)\}|\.(<\w+>|[\w:]+)", text)
        rebuilt = "".join("{." + o + "}" if o else "." + r for o, r in pieces)
        if rebuilt != text:
            raise RecordError(f"`{self.syntax}`: cannot read the modifiers")
        literal_types = [r for _, r in pieces if r in TYPES]
        named = [p for o, r in pieces for p in [(o or r)] if p.startswith("<")]
        self.slots, self.modifiers = [], []  # modifiers: (choices, slot index or -1, optional)
        for optional, required in pieces:
            word = optional or required
            if word.startswith("<"):
                name = word[1:-1]
                if name not in self.choices:
                    raise RecordError(f"`{self.syntax}`: slot <{name}> has no list of suffixes")
                choices = self.choices[name]
            elif optional:
                name, choices = word, [word]
            elif literal_types == [word] and "<type>" not in named:
                name, choices = "type", [word]
            else:
                self.modifiers.append(([word], -1, False))
                continue
            self.choices[name] = choices
            self.modifiers.append((choices, len(self.slots), bool(optional)))
            self.slots.append(name)

    def split_operands(self, text):
        """`d{|p}, [a, c]{, e}` -> [("d{|p}", False), ("[a, c]", False), ("e", True)]"""
        text = re.sub(r"\{,\s*([^}]+)\}", r", ?\1", text)
        parts, depth, start = [], 0, 0
        for i, c in enumerate(text + ","):
            depth += c in "[(" and 1 or c in "])" and -1 or 0
            if c == "," and depth == 0:
                part = text[start:i].strip()
                if part:
                    parts.append((part.lstrip("?"), part.startswith("?")))
                start = i + 1
        return parts

    @property
    def names(self):
        return set(re.findall(r"[A-Za-z]\w*", self.syntax.partition(" ")[2]))

    def operand(self, text, optional):
        spec = {"shape": "kValue", "optional": optional, "negatable": text.startswith("{!}")}
        text = text.removeprefix("{!}")
        if m := re.fullmatch(r"(\w+)\{\|(\w+)\}", text):
            spec.update(shape="kPair", pair_optional=True)
        elif m := re.fullmatch(r"(\w+)\|(\w+)", text):
            spec.update(shape="kPair")
        elif m := re.fullmatch(r"\[(\w+), \w+\]", text):
            spec.update(shape="kTensor")
        elif m := re.fullmatch(r"\[(\w+)\]", text):
            spec.update(shape="kMemory")
        elif m := re.fullmatch(r"\(?(\w+)\)?", text):
            pass
        else:
            raise RecordError(f"`{self.syntax}`: cannot read operand {text}")
        name = spec["name"] = m.group(1)
        spec["destination"] = name in ("d", "p", "q", "ret") and spec["shape"] in ("kValue", "kPair")
        self.operand_type(spec, name)
        return spec

    def operand_type(self, spec, name):
        kind = self.types.get(name)
        if spec["shape"] == "kMemory" or spec["shape"] == "kTensor":
            if kind and (m := re.fullmatch(r"space<(\w+)>", kind)):
                spec["space_slot"] = self.slot(m.group(1))
            elif kind in SPACES:
                spec["space"] = SPACES[kind]
            elif kind is None and "space" in self.slots:
                spec["space_slot"] = "space"
            elif kind is None and "global" in self.slots:
                spec["space_slot"] = "global"
            elif kind not in (None, "any"):
                raise RecordError(f"`{self.syntax}`: {kind} is no space")
            if spec["shape"] == "kMemory" and "type" in self.slots:
                spec["type_slot"] = "type"
            return
        if kind is None:
            slot = name[0] + "type"
            slot = slot if slot in self.slots else "type"
            if slot in self.slots:
                spec["type_slot"] = slot
                return
            if "b64" in [m[0][0] for m in self.modifiers if len(m[0]) == 1]:
                spec["type"] = "kB64"
                return
            raise RecordError(f"`{self.syntax}`: operand {name} has no type")
        if kind.startswith("~"):
            spec["relaxed"], kind = True, kind[1:]
        if kind.startswith("2x"):
            spec["wide"], kind = True, kind[2:]
        if m := re.fullmatch(r"vec\((\w+)(?:\*(\d+))?(?:/(\d+))?\)\.(.*)", kind):
            spec.update(vector=True, count_slot=self.slot(m.group(1)), count_times=int(m.group(2) or 1),
                        count_over=int(m.group(3) or 1))
            kind = m.group(4)
        elif kind.startswith("vec"):
            count, kind = re.fullmatch(r"vec(\d*)\.?(.*)", kind).groups()
            spec["vector"], spec["vector_size"] = True, int(count or 0)
        shapes = {"imm": "kImmediate", "label": "kLabel", "targets": "kTargets", "address": "kAddress"}
        if kind in shapes:
            spec["shape"] = shapes[kind]
        elif m := re.fullmatch(r"<(\w+)>", kind):
            spec["type_slot"] = self.slot(m.group(1))
        elif kind != "any":
            spec["type"] = type_constant(kind)
            if not spec["type"]:
                raise RecordError(f"`{self.syntax}`: {kind} is no type")

    def slot(self, name):
        if name not in self.slots:
            raise RecordError(f"`{self.syntax}` has no slot <{name}>")
        return name

    @property
    def lower_parts(self):
        """(kind, name)"""
        if not self.lower:
            return "kUnsupported", ""
        prefix, _, rest = self.lower.partition(":")
        if not rest and self.lower.startswith("llvm."):
            return "kIntrinsic", self.lower
        if prefix not in LOWER_KINDS or not rest:
            raise RecordError(f"`{self.syntax}`: cannot read Lower {self.lower}")
        return LOWER_KINDS[prefix], rest

    def calls(self):
        """The devicelib functions that its spellings call: name -> (result, parameters)."""
        kind, name = self.lower_parts
        if kind != "kCall":
            return {}
        axes = []
        for choices, slot, optional in self.modifiers:
            if slot >= 0:
                axes.append([(self.slots[slot], c) for c in choices + ([None] if optional else [])])
        calls = {}
        for picked in itertools.product(*axes):
            chosen = dict(picked)
            function = re.sub(r"_?<(\w+)>", lambda m: self.fill(m, chosen), name)
            signature = self.signature(chosen)
            if calls.setdefault(function, signature) != signature:
                raise RecordError(f"`{self.syntax}`: {function} would have two signatures")
        return calls

    def fill(self, match, chosen):
        value = chosen[self.slot(match.group(1))]
        return "" if value is None else "_" + value.replace("::", "_")

    def signature(self, chosen):
        result, parameters = "void", []
        for spec in self.operands:
            if spec["shape"] == "kPair" or spec.get("vector") and not spec["vector_size"]:
                raise RecordError(f"`{self.syntax}`: call: cannot take pairs, or vectors of unknown length")
            if spec["shape"] == "kMemory":
                parameters.append("address")
                continue
            if spec["shape"] == "kImmediate":
                parameters.append("u64")
                continue
            name = chosen[spec["type_slot"]] if "type_slot" in spec else spec["type"][1:].lower()
            if spec.get("wide"):
                name = name[0] + str(2 * int(name[1:]))
            if spec["destination"]:
                result = name
            else:
                parameters += [name] * (spec.get("vector_size") or 1)
        return (result, *parameters)


def load(path):
    data = json.load(open(path, encoding="utf-8"))
    of = lambda cls: [data[n] for n in data["!instanceof"][cls]]
    resolve = lambda refs: [data[r["def"]] for r in refs]
    defaults = {s["Name"]: s["Choices"] for s in of("DefaultSlot")}
    forms = []
    for instruction in of("Instruction"):
        for record in resolve(instruction["Forms"]):
            record = dict(record, Slots=resolve(record["Slots"]))
            try:
                forms.append(Form(instruction, record, defaults))
            except RecordError as error:
                raise RecordError(f"{instruction['!name']}: {error}") from None
    traits = [t["Name"] for t in of("Trait")]
    specials = []
    for s in of("SpecialRegister"):
        names = [s["Name"]] if not s["Count"] else [s["Name"] + str(i) for i in range(s["Count"])]
        specials += [(n, s) for n in names]
    specials.sort(key=lambda named: named[0])
    return forms, traits, specials


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unique_enumerators(spellings, what):
    seen = {}
    for s in spellings:
        other = seen.setdefault(enumerator(s), s)
        if other != s:
            raise RecordError(f"{what} {s} and {other} have one enumerator")
    return {s: e for e, s in seen.items()}


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


class Renderer:
    def __init__(self, forms, traits, specials):
        self.traits, self.specials = traits, specials
        self.opcodes = sorted({f.mnemonic for f in forms})
        self.forms = sorted(forms, key=lambda f: f.mnemonic)  # stable: table order within an opcode
        self.suffixes = sorted({c for f in forms for choices, _, _ in f.modifiers for c in choices})
        self.slots = sorted({s for f in forms for s in f.slots})
        self.max_slots = max(len(f.slots) for f in forms)
        self.handlers = sorted({f.lower_parts[1] for f in forms if f.lower_parts[0] == "kCustom"})
        self.suffix_name = unique_enumerators(self.suffixes, "suffixes")
        self.slot_name = unique_enumerators(self.slots, "slots")

    def header(self):
        def body(names):
            return "".join(f"  {n},\n" for n in names)
        traits = "".join(f"  k{t} = 1u << {i},\n" for i, t in enumerate(self.traits))
        return f"""// Generated by compiler/isa/render.py from compiler/isa/*.td.
#pragma once

#include "compiler/isa/form.h"

namespace tq::ptx {{

inline constexpr int kMaxSlots = {self.max_slots};
inline constexpr int kFormCount = {len(self.forms)};

enum class Opcode : uint16_t {{
{body(enumerator(o) for o in self.opcodes)}}};

enum class Slot : uint16_t {{
  kNone,
{body(self.slot_name[s] for s in self.slots)}}};

enum class Suffix : uint16_t {{
  kNone,
{body(self.suffix_name[s] for s in self.suffixes)}}};

enum class SpecialRegister : uint16_t {{
  kNone,
{body(enumerator(n) for n, _ in self.specials)}}};

enum class Trait : uint32_t {{
{traits}}};

}}  // namespace tq::ptx
"""

    def source(self):
        choices, modifiers, slots, operands, forms = {}, [], [], [], []
        for f in self.forms:
            first = len(modifiers), len(slots), len(operands)
            for values, slot, optional in f.modifiers:
                name = choices.setdefault(tuple(values), f"kChoices{len(choices)}")
                modifiers.append(f"{{{name}, {slot}, {str(optional).lower()}}}")
            slots += [f"Slot::{self.slot_name[s]}" for s in f.slots]
            operands += [self.operand(s) for s in f.operands]
            forms.append(self.form(f, first))
        choice_arrays = "".join(
            f"constexpr Suffix {name}[] = {{{self.suffix_list(values)}}};\n"
            for values, name in choices.items())
        infos = "".join(f"  {{{quote(n)}, Type::{type_constant(s['Type'])}, {s['Vector']}, {s['Since']}}},\n"
                        for n, s in self.specials)
        return f"""// Generated by compiler/isa/render.py from compiler/isa/*.td.
#include "isa/isa.h"

#include "compiler/isa/tables.h"

namespace tq::ptx::tables {{
namespace {{
{choice_arrays}
constexpr Modifier kModifiers[] = {{
{self.lines(modifiers)}}};
constexpr Slot kSlots[] = {{
{self.lines(slots)}}};
constexpr OperandSpec kOperands[] = {{
{self.lines(operands)}}};
constexpr Form kFormArray[] = {{
{self.lines(forms)}}};
constexpr OpcodeInfo kOpcodeArray[] = {{
{self.lines(self.opcode_infos())}}};
constexpr SuffixInfo kSuffixArray[] = {{
  {{}},
{self.lines(map(self.suffix_info, self.suffixes))}}};
constexpr std::string_view kSlotArray[] = {{
  "",
{self.lines(map(quote, self.slots))}}};
constexpr SpecialRegisterInfo kSpecialRegisterArray[] = {{
  {{}},
{infos}}};
}}  // namespace

constinit const std::span<const Form> kForms = kFormArray;
constinit const std::span<const OpcodeInfo> kOpcodes = kOpcodeArray;
constinit const std::span<const SuffixInfo> kSuffixes = kSuffixArray;
constinit const std::span<const std::string_view> kSlotNames = kSlotArray;
constinit const std::span<const SpecialRegisterInfo> kSpecialRegisters = kSpecialRegisterArray;

}}  // namespace tq::ptx::tables
"""

    def suffix_list(self, values):
        return ", ".join("Suffix::" + self.suffix_name[v] for v in values)

    @staticmethod
    def lines(items):
        return "".join(f"  {i},\n" for i in items)

    def operand(self, spec):
        fields = [f".name = {quote(spec['name'])}", f".shape = OperandShape::{spec['shape']}"]
        for flag in ("destination", "optional", "negatable", "vector", "relaxed", "wide", "pair_optional"):
            if spec.get(flag):
                fields.append(f".{flag} = true")
        if spec.get("vector_size"):
            fields.append(f".vector_size = {spec['vector_size']}")
        if "count_slot" in spec:
            fields.append(f".count_slot = Slot::{self.slot_name[spec['count_slot']]}")
            fields.append(f".count_times = {spec['count_times']}, .count_over = {spec['count_over']}")
        if "type_slot" in spec:
            fields.append(f".type_slot = Slot::{self.slot_name[spec['type_slot']]}")
        if "type" in spec:
            fields.append(f".type = Type::{spec['type']}")
        if "space_slot" in spec:
            fields.append(f".space_slot = Slot::{self.slot_name[spec['space_slot']]}")
        if "space" in spec:
            fields.append(f".space = Space::{spec['space']}")
        return "{" + ", ".join(fields) + "}"

    def form(self, f, first):
        kind, lower = f.lower_parts
        span = lambda array, start, count: f"{{{array} + {start}, {count}}}" if count else "{}"
        traits = sum(1 << self.traits.index(t) for t in set(f.traits))
        handler = self.handlers.index(lower) if kind == "kCustom" else 0
        return (f"{{.opcode = Opcode::{enumerator(f.mnemonic)}, .syntax = {quote(f.syntax)}, "
                f".slots = {span('kSlots', first[1], len(f.slots))}, "
                f".modifiers = {span('kModifiers', first[0], len(f.modifiers))}, "
                f".operands = {span('kOperands', first[2], len(f.operands))}, .traits = {traits:#x}, "
                f".lower_kind = LowerKind::{kind}, .lower = {quote(lower)}, .handler = {handler}, "
                f".since = {f.since}, .sm = {f.sm}, .section = {quote(f.section)}, "
                f".reference = {quote(f.reference)}}}")

    def opcode_infos(self):
        position = 0
        for opcode in self.opcodes:
            own = [f for f in self.forms if f.mnemonic == opcode]
            yield f"{{{quote(opcode)}, {position}, {len(own)}}}"
            position += len(own)

    def suffix_info(self, suffix):
        type_name = type_constant(suffix) or "kNone"
        return f"{{{quote(suffix)}, Type::{type_name}, Space::{SPACES.get(suffix, 'kGeneric')}}}"

    def handler_list(self):
        return ("// Generated: the custom: handlers of the PTX table, in the order of Form::handler.\n"
                + "".join(f"HANDLER({h})\n" for h in self.handlers))

    def call_list(self):
        calls = {}
        for f in self.forms:
            for name, signature in f.calls().items():
                if calls.setdefault(name, signature) != signature:
                    raise RecordError(f"`{f.syntax}`: {name} has another signature elsewhere")
        return ("// Generated for the call: forms: DEVICELIB_CALL(function, result, parameters...).\n"
                "// Types are PTX's; `address` is an address in the operand's space.\n"
                + "".join(f"DEVICELIB_CALL({n}, {', '.join(s)})\n" for n, s in sorted(calls.items())))

    def coverage(self):
        supported = sum(f.lower != "" for f in self.forms)
        out = ["# PTX coverage", "", "Generated from compiler/isa/*.td.", "",
               f"{len(self.opcodes)} mnemonics, {len(self.forms)} forms, of which {supported} are lowered; "
               "the others are parsed and verified.", "",
               "| form | PTX | sm | lowered by |", "|---|---|---|---|"]
        for f in self.forms:
            syntax = f.syntax.replace("|", "\\|")
            out.append(f"| `{syntax}` | {f.since // 10}.{f.since % 10} | {f.sm} | {f.lower or '-'} |")
        return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("json")
    parser.add_argument("--out", required=True)
    parser.add_argument("--docs", required=True)
    args = parser.parse_args()
    try:
        renderer = Renderer(*load(args.json))
        write(os.path.join(args.out, "isa.h"), renderer.header())
        write(os.path.join(args.out, "isa.cc"), renderer.source())
        write(os.path.join(args.out, "lower_handlers.inc"), renderer.handler_list())
        write(os.path.join(args.out, "devicelib_calls.inc"), renderer.call_list())
        write(args.docs, renderer.coverage())
    except RecordError as error:
        sys.exit(f"{args.json}: {error}")


if __name__ == "__main__":
    main()
