#include "compiler/index/extract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace tq::ptx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kModule = R"(.version 8.5
.target sm_80
.address_size 64
.extern .func (.param .b32 r) vprintf (.param .b64 a, .param .b64 b);
.global .align 4 .u32 counter;
.global .align 4 .b8 big[16] = {1, 2, 3, 4,
 5, 6};
.global .align 8 .u64 unused = counter;
.global .b8 message[] = {104, 105, 0};
.shared .align 4 .b8 tile[64];
.func leaf (.param .b32 p) ;
.func caller (.param .b32 p)
{
  call leaf, (p);
}
.func leaf (.param .b32 p)
{
  ld.global.u32 %r1, [big];  // mentions counter and tile in a comment
  ret;
}
.func lonely () { ret; }
.entry first ()
{
  mov.u64 %rd1, message;
  call (r), vprintf, (a, b);
  call caller, (x);
  ret;
}
.entry second ()
{
  atom.shared.add.u32 %r1, [tile], 1;
  atom.global.add.u32 %r1, [counter], 1;
  ret;
}
.file 1 "a.cu"
)";

std::string TextOf(const Extract& extract) {
  std::string text;
  for (const tq_ptx_chunk& chunk : extract.chunks) text.append(chunk.text, chunk.size_bytes);
  return text;
}

std::vector<std::string> Names(const std::vector<const Statement*>& statements) {
  std::vector<std::string> names;
  for (const Statement* statement : statements) names.emplace_back(statement->name);
  return names;
}

Extract ExtractOne(std::string_view name) {
  static const ModuleIndex* const index = new ModuleIndex(*ModuleIndex::Build(kModule));
  auto extract = ExtractSymbols(*index, kModule, std::span(&name, 1));
  EXPECT_TRUE(extract.ok()) << extract.status();
  return *std::move(extract);
}

TEST(Extract, TakesCalleesAndVariablesTransitivelyAndNothingElse) {
  const Extract extract = ExtractOne("first");
  const std::string text = TextOf(extract);
  for (const char* wanted :
       {".version 8.5", ".target sm_80", ".address_size", ".file 1", "vprintf (", ".func caller",
        ".func leaf (.param .b32 p) ;", "[big]", ".entry first", "message[] = {104"}) {
    EXPECT_THAT(text, HasSubstr(wanted));
  }
  for (const char* unwanted : {"lonely", "second", "u32 counter", "unused", "tile[64]"}) {
    EXPECT_THAT(text, Not(HasSubstr(unwanted)));
  }
  EXPECT_THAT(Names(extract.variables), ElementsAre("big", "message"));
  EXPECT_THAT(Names(extract.undefined_functions), ElementsAre("vprintf"));
}

TEST(Extract, LeavesInitialValuesOutWhereTheSizeIsKnown) {
  const std::string text = TextOf(ExtractOne("first"));
  EXPECT_THAT(text, HasSubstr(".global .align 4 .b8 big[16] ;"));
  EXPECT_THAT(text, Not(HasSubstr("5, 6")));
}

TEST(Extract, SharedVariablesComeAlongWithoutBeingImports) {
  const Extract extract = ExtractOne("second");
  EXPECT_THAT(TextOf(extract), HasSubstr("tile[64]"));
  EXPECT_THAT(Names(extract.variables), ElementsAre("counter"));
}

TEST(Extract, EveryChunkKnowsItsLineInTheModule) {
  for (const std::string_view root : {"first", "second"}) {
    for (const tq_ptx_chunk& chunk : ExtractOne(root).chunks) {
      if (chunk.size_bytes == 1) continue;  // the `;` in place of an initialiser
      ASSERT_GE(chunk.text, kModule.data());
      const auto line = 1 + std::count(kModule.data(), chunk.text, '\n');
      EXPECT_EQ(chunk.first_line, line) << std::string(chunk.text, chunk.size_bytes);
    }
  }
}

TEST(Extract, WhatIsExtractedIsAModuleOfItsOwn) {
  const std::string text = TextOf(ExtractOne("first"));
  const auto index = ModuleIndex::Build(text);
  ASSERT_TRUE(index.ok()) << index.status() << "\n" << text;
  EXPECT_EQ(index->Kernels().size(), 1u);
}

TEST(Extract, AnUnknownOrUndefinedRootIsNotFound) {
  const auto index = ModuleIndex::Build(kModule);
  for (const std::string_view root : {"nothing", "vprintf", "counter"}) {
    EXPECT_EQ(ExtractSymbols(*index, kModule, std::span(&root, 1)).status().code(),
              absl::StatusCode::kNotFound)
        << root;
  }
}

TEST(Extract, KernelsThatAreNamedAndFunctionsOfTheHostComeWithoutBodies) {
  constexpr std::string_view kLaunches = R"(.version 8.5
.target sm_80
.address_size 64
.func help () { ret; }
.visible .entry child (.param .u32 n) .maxntid 64, 1, 1 { call help; ret; }
.visible .func (.param .b32 r) __cudaCDP2LaunchDeviceV2_ptsz (.param .b64 a, .param .b64 b) { call help; ret; }
.visible .entry parent () { mov.u64 %rd1, child; mov.u64 %rd2, parent; call (r), __cudaCDP2LaunchDeviceV2_ptsz, (a, b); }
)";
  const auto index = ModuleIndex::Build(kLaunches);
  const std::string_view root = "parent";
  const auto extract = ExtractSymbols(*index, kLaunches, std::span(&root, 1));
  ASSERT_TRUE(extract.ok()) << extract.status();
  const std::string text = TextOf(*extract);
  EXPECT_THAT(text, HasSubstr(".entry child (.param .u32 n) .maxntid 64, 1, 1 ;"));
  EXPECT_THAT(text, HasSubstr("(.param .b64 a, .param .b64 b) ;"));
  EXPECT_THAT(text, HasSubstr("mov.u64 %rd1, child;"));
  EXPECT_THAT(text, Not(HasSubstr("help")));
  EXPECT_THAT(Names(extract->kernels), ElementsAre("child", "parent"));
}

}  // namespace
}  // namespace tq::ptx
