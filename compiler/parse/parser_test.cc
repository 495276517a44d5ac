#include "compiler/parse/parser.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/concat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tq::ptx {
namespace {

using testing::ElementsAre;

constexpr std::string_view kHeader = ".version 8.0\n.target sm_80\n.address_size 64\n";

std::unique_ptr<Module> ParseGood(std::string_view text) {
  Diagnostics diagnostics;
  auto module = Parse(Concat(kHeader, text), diagnostics);
  EXPECT_FALSE(diagnostics.HasErrors()) << diagnostics.ToString();
  return module;
}

std::unique_ptr<Module> ParseBody(std::string_view body) {
  return ParseGood(
      Concat(".func (.param .b32 r) f (.param .b32 a);\n.global .u32 g;\n.entry k(.param .u64 p)\n{\n",
             ".reg .pred %p<4>; .reg .b32 %r<9>; .reg .b64 %rd<9>; .reg .v4 .f32 v;\n", body, "\n}\n"));
}

const Function& Kernel(Module& module) { return *module.FindFunction("k"); }

const Instruction& First(Module& module) { return Kernel(module).blocks[0].instructions.at(0); }

template <typename T>
std::vector<T> ValuesOf(const Variable& variable) {
  std::vector<T> values(variable.init.size() / sizeof(T));
  std::memcpy(values.data(), variable.init.data(), values.size() * sizeof(T));
  return values;
}

TEST(Parser, ReadsTheHeader) {
  Diagnostics diagnostics;
  const auto module =
      Parse(".version 7.4\n.target sm_90a, texmode_independent, debug\n.address_size 32", diagnostics);
  EXPECT_FALSE(diagnostics.HasErrors());
  EXPECT_EQ(module->version_major, 7u);
  EXPECT_EQ(module->version_minor, 4u);
  EXPECT_EQ(module->target_sm, 90u);
  EXPECT_EQ(module->target_variant, 'a');
  EXPECT_TRUE(module->texmode_independent);
  EXPECT_TRUE(module->debug);
  EXPECT_EQ(module->address_size, 32u);
}

TEST(Parser, LaysOutVariables) {
  const auto module = ParseGood(
      ".extern .shared .align 16 .b8 s[];\n.global .v4 .f32 q[2][3];\n.const .u16 a, b[5];\n"
      ".visible .global .attribute(.managed) .align 8 .u64 m;");
  const Variable& s = *module->FindVariable("s");
  EXPECT_EQ(s.linkage, Linkage::kExtern);
  EXPECT_EQ(s.space, Space::kShared);
  EXPECT_EQ(s.align_bytes, 16u);
  EXPECT_THAT(s.dims, ElementsAre(0));
  EXPECT_EQ(s.size_bytes, 0u);
  EXPECT_EQ(module->FindVariable("q")->size_bytes, 96u);
  EXPECT_EQ(module->FindVariable("a")->size_bytes, 2u);
  EXPECT_EQ(module->FindVariable("b")->size_bytes, 10u);
  EXPECT_TRUE(module->FindVariable("m")->managed);
}

TEST(Parser, FillsNestedInitializersByRow) {
  const auto module =
      ParseGood(".global .u16 x[2][3] = {{1, 2}, {4}};\n.global .f32 y[] = {1.5, 0f40000000, 3};");
  EXPECT_THAT(ValuesOf<uint16_t>(*module->FindVariable("x")), ElementsAre(1, 2, 0, 4));
  EXPECT_THAT(ValuesOf<float>(*module->FindVariable("y")), ElementsAre(1.5f, 2.0f, 3.0f));
  EXPECT_EQ(module->FindVariable("y")->size_bytes, 12u);
}

TEST(Parser, KeepsAddressesInInitializersAsRelocations) {
  const auto module = ParseGood(
      ".global .u32 g[4];\n.func f;\n.global .u64 t[3] = {0, generic(g)+8, f};\n.global .u8 m = "
      "0xff00(g+4);");
  const Variable& table = *module->FindVariable("t");
  ASSERT_EQ(table.relocations.size(), 2u);
  EXPECT_EQ(table.relocations[0].offset_bytes, 8u);
  EXPECT_EQ(table.relocations[0].variable, module->FindVariable("g"));
  EXPECT_EQ(table.relocations[0].addend, 8);
  EXPECT_TRUE(table.relocations[0].generic);
  EXPECT_EQ(table.relocations[1].function, module->FindFunction("f"));
  EXPECT_FALSE(table.relocations[1].generic);
  const Relocation& byte = module->FindVariable("m")->relocations.at(0);
  EXPECT_EQ(byte.mask, 0xff00u);
  EXPECT_EQ(byte.size_bytes, 1);
  EXPECT_EQ(byte.addend, 4);
}

TEST(Parser, ReadsParametersAndKernelAttributes) {
  const auto module = ParseGood(
      ".visible .entry k(.param .u64 .ptr .shared .align 32 a, .param .align 4 .b8 b[12])\n"
      ".reqntid 8, 4\n.minnctapersm 2\n.maxnreg 40\n{ ret; }");
  const Function& kernel = Kernel(*module);
  EXPECT_TRUE(kernel.is_kernel);
  EXPECT_EQ(kernel.linkage, Linkage::kVisible);
  ASSERT_EQ(kernel.parameters.size(), 2u);
  EXPECT_EQ(kernel.parameters[0]->pointee_space, Space::kShared);
  EXPECT_EQ(kernel.parameters[0]->pointee_align_bytes, 32u);
  EXPECT_EQ(kernel.parameters[1]->size_bytes, 12u);
  EXPECT_EQ(kernel.attributes.required_threads.x, 8u);
  EXPECT_EQ(kernel.attributes.required_threads.y, 4u);
  EXPECT_EQ(kernel.attributes.required_threads.z, 1u);
  EXPECT_EQ(kernel.attributes.min_blocks_per_sm, 2u);
  EXPECT_EQ(kernel.attributes.max_registers, 40u);
}

TEST(Parser, PutsOptionalOperandsInTheirPlace) {
  const auto module = ParseBody("bar.red.popc.u32 %r1, 0, %p1;\nbar.red.popc.u32 %r1, 0, 64, !%p1;");
  const auto& instructions = Kernel(*module).blocks[0].instructions;
  ASSERT_EQ(instructions.size(), 2u);
  EXPECT_EQ(instructions[0].operands.at(2).kind, Operand::Kind::kNone);
  EXPECT_EQ(instructions[0].operands.at(3).reg->name, "%p1");
  EXPECT_EQ(instructions[1].operands.at(2).bits, 64u);
  EXPECT_TRUE(instructions[1].operands.at(3).negated);
}

TEST(Parser, ReadsOperandsOfEveryKind) {
  const auto address = ParseBody("mov.u64 %rd1, g+8;");
  EXPECT_EQ(First(*address).operands[1].kind, Operand::Kind::kAddressOf);
  EXPECT_EQ(First(*address).operands[1].addend, 8);
  const auto memory = ParseBody("@!%p1 ld.global.v2.b32 {%r1, _}, [%rd1+-8];");
  EXPECT_EQ(First(*memory).guard->name, "%p1");
  EXPECT_TRUE(First(*memory).guard_negated);
  EXPECT_EQ(First(*memory).operands[0].elements.at(1).kind, Operand::Kind::kSink);
  EXPECT_EQ(First(*memory).operands[1].addend, -8);
  const auto special = ParseBody("mov.u32 %r1, %ctaid.z;");
  EXPECT_EQ(First(*special).operands[1].special, SpecialRegister::kCtaid);
  EXPECT_EQ(First(*special).operands[1].element, 2);
  const auto element = ParseBody("mov.b32 %r1, v.w;");
  EXPECT_EQ(First(*element).operands[1].element, 3);
  const auto pair = ParseBody("setp.eq.s32 %p1|%p2, %r1, -0x10;");
  EXPECT_EQ(First(*pair).operands[0].kind, Operand::Kind::kPair);
  EXPECT_EQ(static_cast<int64_t>(First(*pair).operands[2].bits), -16);
  const auto part = ParseBody("vadd.u32.u32.u32 %r1, %r2.b3, %r3.h1;");
  EXPECT_EQ(First(*part).operands[1].selector.unit, 'b');
  EXPECT_EQ(First(*part).operands[1].selector.lanes[0], 3);
  EXPECT_EQ(First(*part).operands[2].selector.unit, 'h');
}

TEST(Parser, PlacesTheOperandsOfACallWhateverIsLeftOut) {
  const auto module = ParseBody("call.uni (%r1), f, (%r2);\nP: .callprototype _ ();\ncall %rd1, P;");
  const auto& instructions = Kernel(*module).blocks[0].instructions;
  EXPECT_EQ(instructions[0].operands[kCallResults].elements.size(), 1u);
  EXPECT_EQ(instructions[0].operands[kCallTarget].function, module->FindFunction("f"));
  EXPECT_EQ(instructions[0].operands[kCallArguments].elements[0].reg->name, "%r2");
  EXPECT_EQ(instructions[1].operands[kCallResults].kind, Operand::Kind::kNone);
  EXPECT_EQ(instructions[1].operands[kCallArguments].kind, Operand::Kind::kNone);
  EXPECT_EQ(instructions[1].operands[kCallPrototype].prototype, &Kernel(*module).prototypes[0]);
}

// PTX ISA, call: an indirect call names a prototype or a list of targets.
TEST(Parser, RefusesIndirectCallsWithoutAPrototype) {
  for (const char* call : {"call %rd1;", "call (%r1), %rd1, (%r2);", "call %rd1, (%r2);"}) {
    Diagnostics diagnostics;
    Parse(Concat(kHeader, ".func f ();\n.entry k()\n{\n.reg .b32 %r<9>; .reg .b64 %rd<9>;\nret;\n", call,
                 "\n}\n"),
          diagnostics);
    ASSERT_TRUE(diagnostics.HasErrors()) << call;
    EXPECT_NE(diagnostics.list()[0].text.find("prototype"), std::string::npos) << diagnostics.list()[0].text;
  }
}

TEST(Parser, ResolvesLabelsByScope) {
  const auto module = ParseBody("bra L;\n{ bra L; L: exit; }\n{ L: bra L; }\nL: ret;");
  const auto& blocks = Kernel(*module).blocks;
  ASSERT_EQ(blocks.size(), 4u);
  EXPECT_EQ(blocks[0].instructions[0].operands[0].block, &blocks[3]);
  EXPECT_EQ(blocks[0].instructions[1].operands[0].block, &blocks[1]);
  EXPECT_EQ(blocks[2].instructions[0].operands[0].block, &blocks[2]);
  EXPECT_EQ(blocks[3].label, "L");
  EXPECT_NE(blocks[1].label, blocks[2].label);
}

TEST(Parser, InnerScopesShadowRegisters) {
  const auto module = ParseBody("{ .reg .f32 %r1; mov.f32 %r1, 0f00000000; }\nmov.b32 %r1, 0;");
  const auto& instructions = Kernel(*module).blocks[0].instructions;
  EXPECT_EQ(instructions[0].operands[0].reg->type, Type::kF32);
  EXPECT_EQ(instructions[1].operands[0].reg->type, Type::kB32);
}

TEST(Parser, MakesRegistersOfARangeWhenUsed) {
  const auto module = ParseGood(
      ".entry k() { .reg .b32 %r<4000000000>; .reg .b64 %r1<10>; mov.b32 %r3999999999, 0; mov.b32 %r19, 0; "
      "}");
  const Function& kernel = Kernel(*module);
  ASSERT_EQ(kernel.registers.size(), 2u);
  EXPECT_EQ(kernel.registers[0].type, Type::kB32);
  // %r19 is of %r<...> and of %r1<...>: the longest number wins.
  EXPECT_EQ(kernel.registers[1].type, Type::kB32);
}

TEST(Parser, KeepsSourceLocations) {
  const auto module = ParseBody(".loc 1 7 3\nadd.s32 %r1, %r1, 1;\nadd.s32 %r1, %r1, 2;\n.loc 2 9 1\nret;");
  const auto& instructions = Kernel(*module).blocks[0].instructions;
  EXPECT_EQ(instructions[1].source.line, 7u);
  EXPECT_EQ(instructions[2].source.file, 2u);
  EXPECT_EQ(instructions[1].location.line, 4u + 3 + 4);
}

TEST(Parser, CountsLinesOfChunksFromTheirOwnFirst) {
  const Chunk chunks[] = {{kHeader, 1}, {".entry a() { ret; }\n", 100}, {".entry b() {\n bad;\n}\n", 200}};
  Diagnostics diagnostics;
  const auto module = Parse(chunks, diagnostics);
  EXPECT_EQ(diagnostics.ToString(), "ptx:201:2: error: `bad` is not a PTX instruction.\n");
  EXPECT_FALSE(module->FindFunction("a")->invalid);
  EXPECT_TRUE(module->FindFunction("b")->invalid);
}

TEST(Parser, DefinesWhatWasDeclared) {
  const auto module = ParseGood(
      ".extern .global .u32 x;\n.func f (.param .b32 a);\n.entry k() { .reg .b64 %a; mov.u64 %a, x; call f, "
      "(1); }\n"
      ".visible .global .u32 x = 3;\n.func f (.param .b32 a) { ret; }\n.extern .func f (.param .b32 a);");
  EXPECT_EQ(module->variables.size(), 1u);
  EXPECT_EQ(module->variables[0].linkage, Linkage::kVisible);
  EXPECT_EQ(Kernel(*module).blocks[0].instructions[0].operands[1].variable, &module->variables[0]);
  EXPECT_TRUE(module->FindFunction("f")->has_body);
  EXPECT_EQ(module->FindFunction("f")->linkage, Linkage::kInternal);
}

}  // namespace
}  // namespace tq::ptx
