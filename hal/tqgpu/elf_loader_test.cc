#include "hal/tqgpu/elf_loader.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hal/tqgpu/relocation.h"

namespace tq::hal::tqgpu {
namespace {

using testing::HasSubstr;

std::vector<uint8_t> ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::optional<uint64_t> Nothing(const std::string&) { return std::nullopt; }

constexpr uint64_t kLinkedBase = 0x3fff12345000;  // relocations.ld

TEST(ElfLoader, AgreesWithTheLinkerToTheByte) {
  const std::vector<uint8_t> linked = ReadFile(TQ_RELOCATIONS_LINKED);
  ASSERT_GT(linked.size(), 4096u);
  const auto code = RelocatableCode::Read(ReadFile(TQ_RELOCATIONS_OBJECT));
  ASSERT_TRUE(code.ok()) << code.status();
  const auto image = code->Place(kLinkedBase, Nothing);
  ASSERT_TRUE(image.ok()) << image.status();
  ASSERT_GE(image->bytes.size(), linked.size());
  for (size_t i = 0; i < linked.size(); ++i) {
    ASSERT_EQ(image->bytes[i], linked[i]) << "at offset " << i;
  }
  EXPECT_EQ(image->Symbol("entry"), kLinkedBase);
  EXPECT_EQ(image->Symbol("table"), 0u);  // local
  EXPECT_EQ(image->text_begin, kLinkedBase);
  EXPECT_TRUE(image->ContainsCode(image->Symbol("far")));
  EXPECT_FALSE(image->ContainsCode(image->code_end));
}

TEST(ElfLoader, PartsHavePagesOfTheirOwn) {
  const auto code = RelocatableCode::Read(ReadFile(TQ_IMPORTS_OBJECT));
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(code->writable_offset() % RelocatableCode::kPageBytes, 0u);
  EXPECT_EQ(code->size_bytes() % RelocatableCode::kPageBytes, 0u);
  EXPECT_GT(code->writable_offset(), 0u);
  EXPECT_GT(code->size_bytes(), code->writable_offset());
}

class Imports : public testing::Test {
 protected:
  uint64_t WordAt(uint64_t address) const {
    uint64_t word = 0;
    std::memcpy(&word, image_.bytes.data() + (address - image_.base), 8);
    return word;
  }
  uint32_t InstructionAt(uint64_t address) const { return static_cast<uint32_t>(WordAt(address)); }
  // What auipc and the instruction behind it lead to.
  uint64_t PairTarget(uint64_t address) const {
    const auto upper = static_cast<int32_t>(InstructionAt(address) & 0xfffff000);
    const auto lower = static_cast<int32_t>(InstructionAt(address + 4)) >> 20;
    return address + static_cast<uint64_t>(int64_t{upper}) + static_cast<uint64_t>(int64_t{lower});
  }
  void Place(uint64_t base, uint64_t function, uint64_t variable) {
    const auto code = RelocatableCode::Read(ReadFile(TQ_IMPORTS_OBJECT));
    ASSERT_TRUE(code.ok()) << code.status();
    auto image = code->Place(base, [&](const std::string& name) -> std::optional<uint64_t> {
      if (name == "function") return function;
      if (name == "variable") return variable;
      return std::nullopt;
    });
    ASSERT_TRUE(image.ok()) << image.status();
    image_ = *std::move(image);
  }

  CodeImage image_;
};

TEST_F(Imports, NearFunctionIsCalledDirectly) {
  Place(0x10000000, 0x20000004, 0x7fff00000008);
  EXPECT_EQ(PairTarget(image_.Symbol("calls")), 0x20000004u);
}

TEST_F(Imports, FarFunctionIsCalledByWayOfAStub) {
  const uint64_t far = 0x7ffe00000004;
  Place(0x10000000, far, 0x7fff00000008);
  const uint64_t stub = PairTarget(image_.Symbol("calls"));
  ASSERT_TRUE(image_.ContainsCode(stub));
  EXPECT_EQ(InstructionAt(stub) & 0xfff, 0x317u);          // auipc t1
  EXPECT_EQ(InstructionAt(stub + 4) & 0xfffff, 0x33303u);  // ld t1, (t1)
  EXPECT_EQ(InstructionAt(stub + 8), 0x00030067u);         // jr t1
  EXPECT_EQ(WordAt(PairTarget(stub)), far);
}

TEST_F(Imports, VariableIsFoundInTheTableOfAddresses) {
  Place(0x7f1200000000, 0x20000004, 0x10);
  EXPECT_EQ(WordAt(PairTarget(image_.Symbol("loads"))), 0x10u);
}

TEST_F(Imports, DataIsCopiedAndZeroed) {
  Place(0x10000000, 0x20000004, 0);
  EXPECT_EQ(WordAt(image_.Symbol("initialised")), image_.Symbol("calls"));
  EXPECT_EQ(WordAt(image_.Symbol("zeroed")), 0u);
  EXPECT_GE(image_.Symbol("zeroed"), image_.base + image_.writable_offset);
}

TEST_F(Imports, SymbolThatNobodyDefinesIsNamed) {
  const auto code = RelocatableCode::Read(ReadFile(TQ_IMPORTS_OBJECT));
  ASSERT_TRUE(code.ok());
  EXPECT_THAT(code->Place(0, Nothing).status().message(), HasSubstr("nobody defines (function)"));
}

// ---- Hostile input ----

absl::Status ErrorOf(const std::vector<uint8_t>& file) {
  const auto code = RelocatableCode::Read(file);
  return code.ok() ? code->Place(0x10000000, [](const std::string&) { return uint64_t{0x20000000}; }).status()
                   : code.status();
}

TEST(ElfLoaderErrors, FileForAnotherMachineIsRefused) {
  std::vector<uint8_t> file = ReadFile(TQ_IMPORTS_OBJECT);
  file[18] = EM_X86_64;
  EXPECT_THAT(ErrorOf(file).message(), HasSubstr("another machine"));
}

TEST(ElfLoaderErrors, EveryTruncationIsRefused) {
  const std::vector<uint8_t> file = ReadFile(TQ_IMPORTS_OBJECT);
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(ErrorOf({file.begin(), file.begin() + static_cast<ptrdiff_t>(size)}).ok()) << size;
  }
}

// Whatever becomes of them, nothing outside of the file and the image is touched (the sanitizers look on).
TEST(ElfLoaderErrors, DamagedFilesAreSurvived) {
  std::mt19937 random(1);
  for (const char* path : {TQ_IMPORTS_OBJECT, TQ_RELOCATIONS_OBJECT}) {
    const std::vector<uint8_t> file = ReadFile(path);
    int refused = 0;
    for (int round = 0; round < 4000; ++round) {
      std::vector<uint8_t> damaged = file;
      for (int i = 0; i < 4; ++i) damaged[random() % damaged.size()] = static_cast<uint8_t>(random());
      refused += !ErrorOf(damaged).ok();
    }
    EXPECT_GT(refused, 0);
  }
}

TEST(Relocation, ReachIsChecked) {
  const RelocationKind branch = *FindRelocationKind(R_RISCV_BRANCH);
  EXPECT_TRUE(branch.Fits(4094));
  EXPECT_FALSE(branch.Fits(4096));
  EXPECT_TRUE(branch.Fits(static_cast<uint64_t>(-4096)));
  EXPECT_FALSE(branch.Fits(static_cast<uint64_t>(-4098)));
  EXPECT_FALSE(branch.Fits(3));
  const RelocationKind call = *FindRelocationKind(R_RISCV_CALL_PLT);
  EXPECT_TRUE(call.Fits(0x7ffff7ff));
  EXPECT_FALSE(call.Fits(0x7ffff800));
  EXPECT_TRUE(call.Fits(static_cast<uint64_t>(-0x80000800ll)));
  EXPECT_FALSE(call.Fits(static_cast<uint64_t>(-0x80000802ll)));
  EXPECT_FALSE(FindRelocationKind(R_RISCV_TLS_GD_HI20).has_value());
}

}  // namespace
}  // namespace tq::hal::tqgpu
