#include "compiler/ir/printer.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/concat.h"

namespace tq::ptx {
namespace {

constexpr std::string_view kElements[] = {".x", ".y", ".z", ".w"};

std::string Hex(uint64_t bits, int digits) {
  char text[17];
  std::snprintf(text, sizeof text, "%0*llX", digits, static_cast<unsigned long long>(bits));
  return text;
}

void PrintAddend(std::string& out, int64_t addend) {
  if (addend != 0) Append(out, addend < 0 ? "" : "+", addend);
}

void PrintBase(std::string& out, const Operand& operand) {
  if (operand.reg != nullptr) Append(out, operand.reg->name);
  if (operand.special != SpecialRegister::kNone) Append(out, GetSpecialRegister(operand.special).name);
  if (operand.variable != nullptr) Append(out, operand.variable->name);
  if (operand.function != nullptr) Append(out, operand.function->name);
  if (operand.element >= 0) Append(out, kElements[operand.element]);
}

void PrintOperand(std::string& out, const Operand& operand);

void PrintList(std::string& out, const std::vector<Operand>& elements) {
  for (size_t i = 0; i < elements.size(); ++i) {
    if (i != 0) Append(out, ", ");
    PrintOperand(out, elements[i]);
  }
}

void PrintImmediate(std::string& out, const Operand& operand) {
  switch (operand.immediate_kind) {
    case Operand::ImmediateKind::kInteger:
      return Append(out, static_cast<int64_t>(operand.bits));
    case Operand::ImmediateKind::kFloat32Bits:
      return Append(out, "0f", Hex(operand.bits, 8));
    case Operand::ImmediateKind::kFloat64Bits:
      return Append(out, "0d", Hex(operand.bits, 16));
  }
}

void PrintOperand(std::string& out, const Operand& operand) {
  switch (operand.kind) {
    case Operand::Kind::kNone:
      return;
    case Operand::Kind::kRegister:
    case Operand::Kind::kSpecialRegister:
      if (operand.negated) Append(out, "!");
      PrintBase(out, operand);
      if (operand.addend != 0) Append(out, "+", operand.addend);  // a minus is no part of it: `%r1+-4`
      if (operand.selector.unit == 0) return;
      Append(out, ".", operand.selector.unit);
      for (int i = 0; i < operand.selector.count; ++i) Append(out, int{operand.selector.lanes[i]});
      return;
    case Operand::Kind::kImmediate:
      return PrintImmediate(out, operand);
    case Operand::Kind::kAddressOf:
      PrintBase(out, operand);
      return PrintAddend(out, operand.addend);
    case Operand::Kind::kMemory: {
      const bool is_absolute = operand.reg == nullptr && operand.variable == nullptr &&
                               operand.function == nullptr && operand.special == SpecialRegister::kNone;
      Append(out, "[");
      PrintBase(out, operand);
      if (is_absolute) {
        Append(out, operand.addend);
      } else {
        PrintAddend(out, operand.addend);
      }
      return Append(out, "]");
    }
    case Operand::Kind::kVector:
      Append(out, "{");
      PrintList(out, operand.elements);
      return Append(out, "}");
    case Operand::Kind::kTensor:
      Append(out, "[");
      PrintList(out, operand.elements);
      return Append(out, "]");
    case Operand::Kind::kPair:
      PrintOperand(out, operand.elements[0]);
      Append(out, "|");
      return PrintOperand(out, operand.elements[1]);
    case Operand::Kind::kLabel:
      return Append(out, operand.block != nullptr ? std::string_view(operand.block->label) : "?");
    case Operand::Kind::kPrototype:
      if (operand.prototype != nullptr) Append(out, operand.prototype->name);
      if (operand.targets != nullptr) Append(out, operand.targets->name);
      return;
    case Operand::Kind::kSink:
      return Append(out, "_");
  }
}

void PrintCall(std::string& out, const Instruction& instruction) {
  const std::vector<Operand>& operands = instruction.operands;
  const auto print_list = [&](const Operand& list) {
    Append(out, "(");
    PrintList(out, list.elements);
    Append(out, ")");
  };
  Append(out, " ");
  if (operands[kCallResults].kind != Operand::Kind::kNone) {
    print_list(operands[kCallResults]);
    Append(out, ", ");
  }
  PrintOperand(out, operands[kCallTarget]);
  if (operands[kCallArguments].kind != Operand::Kind::kNone) {
    Append(out, ", ");
    print_list(operands[kCallArguments]);
  }
  if (operands[kCallPrototype].kind != Operand::Kind::kNone) {
    Append(out, ", ");
    PrintOperand(out, operands[kCallPrototype]);
  }
}

void PrintInstruction(std::string& out, const Instruction& instruction) {
  const Form& form = GetForm(instruction.form);
  if (instruction.guard != nullptr) {
    Append(out, instruction.guard_negated ? "@!" : "@", instruction.guard->name, " ");
  }
  Append(out, Spelling(instruction.opcode));
  for (const Modifier& modifier : form.modifiers) {
    const Suffix suffix =
        modifier.slot_index < 0 ? modifier.choices[0] : instruction.suffixes[modifier.slot_index];
    if (suffix != Suffix::kNone) Append(out, ".", Spelling(suffix));
  }
  if (form.Has(Trait::kCall)) {
    PrintCall(out, instruction);
  } else {
    std::string_view separator = " ";
    for (const Operand& operand : instruction.operands) {
      if (operand.kind == Operand::Kind::kNone) continue;
      Append(out, separator);
      PrintOperand(out, operand);
      separator = ", ";
    }
  }
  Append(out, ";");
}

// ".global .align 8 .v2 .f32 name[4]"
void PrintVariable(std::string& out, const Variable& variable) {
  Append(out, ".", variable.space == Space::kTex ? "global" : Spelling(variable.space));
  if (variable.managed) Append(out, " .attribute(.managed)");
  if (variable.align_bytes != 0) Append(out, " .align ", variable.align_bytes);
  if (variable.vector > 1) Append(out, " .v", int{variable.vector});
  Append(out, " .", Spelling(variable.type));
  if (variable.pointee_space) {
    Append(out, " .ptr");
    const std::string_view space = Spelling(*variable.pointee_space);
    if (!space.empty()) Append(out, " .", space);
    if (variable.pointee_align_bytes != 0) Append(out, " .align ", variable.pointee_align_bytes);
  }
  Append(out, " ", variable.name);
  for (const uint64_t dim : variable.dims) {
    if (dim == 0) {
      Append(out, "[]");
    } else {
      Append(out, "[", dim, "]");
    }
  }
}

std::string_view LinkagePrefix(Linkage linkage) {
  switch (linkage) {
    case Linkage::kInternal:
      return "";
    case Linkage::kVisible:
      return ".visible ";
    case Linkage::kExtern:
      return ".extern ";
    case Linkage::kWeak:
      return ".weak ";
    case Linkage::kCommon:
      return ".common ";
  }
  return "";
}

void PrintRelocation(std::string& out, const Relocation& relocation) {
  const bool is_masked = relocation.mask != ~uint64_t{0};
  if (is_masked) Append(out, "0x", Hex(relocation.mask, 2), "(");
  if (relocation.generic) Append(out, "generic(");
  Append(out, relocation.variable != nullptr ? relocation.variable->name : relocation.function->name);
  PrintAddend(out, relocation.addend);
  if (relocation.generic) Append(out, ")");
  if (is_masked) Append(out, ")");
}

void PrintInitializer(std::string& out, const Variable& variable) {
  if (variable.init.empty()) return;
  const bool is_list = !variable.dims.empty() || variable.vector > 1;
  const uint32_t size = SizeBytes(variable.type);
  auto relocation = variable.relocations.begin();
  Append(out, is_list ? " = {" : " = ");
  for (uint64_t offset = 0; offset < variable.init.size(); offset += size) {
    if (offset != 0) Append(out, ", ");
    if (relocation != variable.relocations.end() && relocation->offset_bytes == offset) {
      PrintRelocation(out, *relocation++);
      continue;
    }
    uint64_t bits = 0;
    std::memcpy(&bits, variable.init.data() + offset,
                std::min<uint64_t>({size, sizeof bits, variable.init.size() - offset}));
    const std::string_view prefix = variable.type == Type::kF32   ? "0f"
                                    : variable.type == Type::kF64 ? "0d"
                                                                  : "0x";
    Append(out, prefix, Hex(bits, static_cast<int>(2 * size)));
  }
  if (is_list) Append(out, "}");
}

void PrintParameters(std::string& out, const std::vector<Variable*>& list) {
  Append(out, "(");
  for (size_t i = 0; i < list.size(); ++i) {
    Append(out, i == 0 ? "" : ", ");
    PrintVariable(out, *list[i]);
  }
  Append(out, ")");
}

void PrintDim3(std::string& out, std::string_view directive, const Dim3& dim) {
  if (dim.x != 0) Append(out, "\n", directive, " ", dim.x, ", ", dim.y, ", ", dim.z);
}

void PrintNumber(std::string& out, std::string_view directive, uint32_t value) {
  if (value != 0) Append(out, "\n", directive, " ", value);
}

void PrintSignature(std::string& out, const Function& function) {
  Append(out, LinkagePrefix(function.linkage), function.is_kernel ? ".entry " : ".func ");
  if (!function.results.empty()) {
    PrintParameters(out, function.results);
    Append(out, " ");
  }
  Append(out, function.name);
  PrintParameters(out, function.parameters);
  const KernelAttributes& attributes = function.attributes;
  PrintDim3(out, ".maxntid", attributes.max_threads);
  PrintDim3(out, ".reqntid", attributes.required_threads);
  PrintDim3(out, ".reqnctapercluster", attributes.required_cluster);
  PrintNumber(out, ".minnctapersm", attributes.min_blocks_per_sm);
  PrintNumber(out, ".maxnreg", attributes.max_registers);
  PrintNumber(out, ".maxclusterrank", attributes.max_cluster_rank);
  if (function.noreturn) Append(out, "\n.noreturn");
  if (attributes.explicit_cluster) Append(out, "\n.explicitcluster");
  if (attributes.blocks_are_clusters) Append(out, "\n.blocksareclusters");
}

void PrintRegisters(std::string& out, const Function& function) {
  const Register* previous = nullptr;
  for (const Register& reg : function.registers) {
    // A .reg parameter is declared by the signature.
    const auto is_parameter = [&](const Variable* variable) { return variable->name == reg.name; };
    if (std::ranges::any_of(function.parameters, is_parameter) ||
        std::ranges::any_of(function.results, is_parameter)) {
      continue;
    }
    if (previous != nullptr && previous->type == reg.type && previous->vector == reg.vector) {
      Append(out, ", ", reg.name);
    } else {
      Append(out, previous != nullptr ? ";\n" : "", "  .reg ");
      if (reg.vector > 1) Append(out, ".v", int{reg.vector}, " ");
      Append(out, ".", Spelling(reg.type), " ", reg.name);
    }
    previous = &reg;
  }
  if (previous != nullptr) Append(out, ";\n");
}

void PrintPrototype(std::string& out, const Prototype& prototype) {
  const auto print_list = [&](const std::vector<Variable>& list) {
    Append(out, "(");
    for (size_t i = 0; i < list.size(); ++i) {
      Append(out, i == 0 ? "" : ", ");
      PrintVariable(out, list[i]);
    }
    Append(out, ")");
  };
  Append(out, "  ", prototype.name, ": .callprototype ");
  print_list(prototype.results);
  Append(out, " _ ");
  print_list(prototype.parameters);
  Append(out, prototype.noreturn ? " .noreturn;\n" : ";\n");
}

void PrintTargets(std::string& out, const TargetList& list) {
  Append(out, "  ", list.name, list.blocks.empty() ? ": .calltargets " : ": .branchtargets ");
  std::string_view separator;
  for (const Block* block : list.blocks) {
    Append(out, separator, block != nullptr ? std::string_view(block->label) : "?");
    separator = ", ";
  }
  for (const Function* function : list.functions) {
    Append(out, separator, function->name);
    separator = ", ";
  }
  Append(out, ";\n");
}

bool IsParameter(const Function& function, const Variable& variable) {
  return std::ranges::find(function.parameters, &variable) != function.parameters.end() ||
         std::ranges::find(function.results, &variable) != function.results.end();
}

void PrintBody(std::string& out, const Function& function) {
  Append(out, "\n{\n");
  for (const std::string& pragma : function.pragmas) Append(out, "  .pragma \"", pragma, "\";\n");
  PrintRegisters(out, function);
  for (const Variable& variable : function.variables) {
    if (IsParameter(function, variable)) continue;
    Append(out, "  ", LinkagePrefix(variable.linkage));
    PrintVariable(out, variable);
    PrintInitializer(out, variable);
    Append(out, ";\n");
  }
  for (const Prototype& prototype : function.prototypes) PrintPrototype(out, prototype);
  for (const TargetList& list : function.target_lists) PrintTargets(out, list);
  SourceLocation source;
  for (const Block& block : function.blocks) {
    if (!block.label.empty()) Append(out, block.label, ":\n");
    for (const Instruction& instruction : block.instructions) {
      const SourceLocation& now = instruction.source;
      if (now.file != source.file || now.line != source.line || now.column != source.column) {
        Append(out, "  .loc ", now.file, " ", now.line, " ", now.column, "\n");
        source = now;
      }
      Append(out, "  ");
      PrintInstruction(out, instruction);
      Append(out, "\n");
    }
  }
  Append(out, "}\n");
}

void PrintFunction(std::string& out, const Function& function) {
  PrintSignature(out, function);
  if (function.has_body) {
    PrintBody(out, function);
  } else {
    Append(out, ";\n");
  }
}

}  // namespace

std::string Print(const Instruction& instruction) {
  std::string out;
  PrintInstruction(out, instruction);
  return out;
}

std::string Print(const Function& function) {
  std::string out;
  PrintFunction(out, function);
  return out;
}

std::string Print(const Module& module) {
  std::string out =
      Concat(".version ", module.version_major, ".", module.version_minor, "\n.target sm_", module.target_sm);
  if (module.target_variant != 0) out.push_back(module.target_variant);
  if (module.texmode_independent) Append(out, ", texmode_independent");
  if (module.map_f64_to_f32) Append(out, ", map_f64_to_f32");
  if (module.debug) Append(out, ", debug");
  Append(out, "\n.address_size ", module.address_size, "\n");
  for (size_t i = 0; i < module.files.size(); ++i) {
    if (!module.files[i].empty()) Append(out, ".file ", i, " \"", module.files[i], "\"\n");
  }
  // Functions are declared first: variables may hold their addresses, and they may call each other.
  for (const Function& function : module.functions) {
    PrintSignature(out, function);
    Append(out, ";\n");
  }
  for (const Variable& variable : module.variables) {
    Append(out, LinkagePrefix(variable.linkage));
    PrintVariable(out, variable);
    PrintInitializer(out, variable);
    Append(out, ";\n");
  }
  for (const Function& function : module.functions) {
    if (function.has_body) PrintFunction(out, function);
    if (function.alias != nullptr) Append(out, ".alias ", function.name, ", ", function.alias->name, ";\n");
  }
  return out;
}

}  // namespace tq::ptx
