#include "tests/ptx/spell.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/concat.h"

namespace tq::ptx {
namespace {

bool Takes(const Modifier& modifier, Suffix suffix) {
  return std::ranges::find(modifier.choices, suffix) != modifier.choices.end();
}

Type TypeOfSpec(const Form& form, const SlotSuffixes& suffixes, const OperandSpec& spec) {
  const int slot = spec.type_slot == Slot::kNone ? -1 : form.SlotIndex(spec.type_slot);
  return slot < 0 ? spec.type : TypeOf(suffixes[slot]);
}

std::string RegisterOf(Type type, bool is_wide, int number) {
  const char* bank = "%r";
  switch (SizeBits(type) * (is_wide ? 2 : 1)) {
    case 0:
      bank = type == Type::kPred ? "%p" : "%r";
      break;
    case 8:
      bank = "%b";
      break;
    case 16:
      bank = "%h";
      break;
    case 32:
      bank = type == Type::kF32 ? "%f" : "%r";
      break;
    case 64:
      bank = type == Type::kF64 ? "%d" : "%rd";
      break;
    default:
      bank = "%q";
  }
  return Concat(bank, number);
}

std::string Value(const Form& form, const SlotSuffixes& suffixes, const OperandSpec& spec, int number) {
  const Type type = TypeOfSpec(form, suffixes, spec);
  const int slot = form.SlotIndex(Slot::kVec);
  const std::string_view vec = slot < 0 ? "" : Spelling(suffixes[slot]);
  const int size = static_cast<int>(VectorSize(form, spec, suffixes));
  const int count = size != 0 ? size : vec.empty() ? 1 : vec[1] - '0';
  if (!spec.vector || count == 1) return RegisterOf(type, spec.wide, number);
  std::string out = "{";
  for (int i = 0; i < count; ++i) Append(out, i == 0 ? "" : ", ", RegisterOf(type, spec.wide, i));
  return out + "}";
}

std::string SpellOperand(const Form& form, const SlotSuffixes& suffixes, const OperandSpec& spec,
                         int number) {
  switch (spec.shape) {
    case OperandShape::kValue:
      return Value(form, suffixes, spec, number);
    case OperandShape::kPair:
      return Concat(Value(form, suffixes, spec, number), "|%p7");
    case OperandShape::kMemory:
      return "[%rd1+16]";
    case OperandShape::kTensor:
      // As many coordinates as the largest tensor copy takes; a texture's are two.
      return form.SlotIndex(Slot::kDim) < 0 ? "[%rd1, {%r1, %r2}]" : "[%rd1, {%r1, %r2, %r3, %r4, %r5}]";
    case OperandShape::kImmediate:
      return "16";
    case OperandShape::kLabel:
      return "LABEL";
    case OperandShape::kTargets:
      return "TARGETS";
    case OperandShape::kAddress:
      return Concat("%rd", number);
  }
  return "";
}

}  // namespace

std::vector<Choices> EveryChoice(const Form& form) {
  Choices first;
  for (const Modifier& modifier : form.modifiers) {
    first.push_back(modifier.optional ? Suffix::kNone : modifier.choices[0]);
  }
  std::vector<Choices> all = {first};
  for (size_t i = 0; i < first.size(); ++i) {
    for (const Suffix suffix : form.modifiers[i].choices) {
      if (suffix == first[i]) continue;
      all.push_back(first);
      all.back()[i] = suffix;
    }
  }
  return all;
}

std::string SpellName(const Form& form, std::span<const Suffix> modifiers) {
  std::string name(Spelling(form.opcode));
  for (const Suffix suffix : modifiers) {
    if (suffix != Suffix::kNone) Append(name, ".", Spelling(suffix));
  }
  return name;
}

std::vector<Suffix> Permuted(const Form& form, const Choices& choices) {
  std::vector<Suffix> ordered, free;
  for (const Suffix suffix : choices) {
    if (suffix == Suffix::kNone) continue;
    const bool is_rival = std::ranges::any_of(form.modifiers, [&](const Modifier& modifier) {
      return Takes(modifier, suffix) && std::ranges::count_if(choices, [&](Suffix other) {
                                          return other != Suffix::kNone && Takes(modifier, other);
                                        }) > 1;
    });
    (TypeOf(suffix) != Type::kNone || is_rival ? ordered : free).push_back(suffix);
  }
  std::ranges::reverse(free);
  ordered.insert(ordered.end(), free.begin(), free.end());
  return ordered;
}

SlotSuffixes SlotsOf(const Form& form, const Choices& choices) {
  SlotSuffixes suffixes = {};
  for (size_t i = 0; i < choices.size(); ++i) {
    if (form.modifiers[i].slot_index >= 0) suffixes[form.modifiers[i].slot_index] = choices[i];
  }
  return suffixes;
}

std::string SpellOperands(const Form& form, const SlotSuffixes& suffixes, bool with_optional) {
  std::string out;
  int number = 0;
  for (const OperandSpec& spec : form.operands) {
    ++number;
    if (spec.optional && !with_optional) continue;
    Append(out, out.empty() ? " " : ", ", SpellOperand(form, suffixes, spec, number));
  }
  return out + ";";
}

std::string ModuleAround(std::string_view instructions) {
  return Concat(
      ".version 9.0\n.target sm_120a\n.address_size 64\n.visible .entry kernel()\n{\n"
      ".reg .pred %p<16>;\n.reg .b8 %b<16>;\n.reg .b16 %h<16>;\n.reg .b32 %r<128>;\n.reg .b64 %rd<16>;\n"
      ".reg .b128 %q<16>;\n.reg .f32 %f<128>;\n.reg .f64 %d<16>;\nTARGETS: .branchtargets LABEL;\nLABEL:\n",
      instructions, "\nret;\n}\n");
}

}  // namespace tq::ptx
