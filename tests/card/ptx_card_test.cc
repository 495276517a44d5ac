// The case files of tests/ptx on the emulated card: what kernels compute there is what they compute on the
// CPU device.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "tests/card/card_compiler.h"
#include "tests/card/card_device.h"
#include "tests/ptx/case_file.h"

namespace tq::card_test {
namespace {

using ptx_test::Argument;
using ptx_test::CaseFile;
using ptx_test::HandleVariable;
using ptx_test::Launch;
using ptx_test::Value;

size_t SizeOf(const std::vector<Value>& values) {
  size_t size = 0;
  for (const Value& value : values) size += ptx_test::SizeBytes(value.type);
  return size;
}

Buffer BufferOf(const std::vector<Value>& values) {
  const Buffer buffer = CardDevice::Get().Allocate(SizeOf(values));
  uint8_t* to = buffer.host;
  for (const Value& value : values) {
    std::memcpy(to, &value.bits, ptx_test::SizeBytes(value.type));
    to += ptx_test::SizeBytes(value.type);
  }
  return buffer;
}

using Imports = std::vector<std::pair<std::string, uint64_t>>;

Imports PlaceVariables(const CaseFile& file) {
  Imports imports;
  for (const auto& [name, values] : file.variables) imports.emplace_back(name, BufferOf(values).va);
  for (const HandleVariable& variable : file.handles) {
    tq_texture contents = variable.contents;
    contents.levels[0].address = BufferOf(variable.texels).va;
    const Buffer descriptor = CardDevice::Get().Allocate(sizeof contents);
    contents.self = descriptor.va;
    std::memcpy(descriptor.host, &contents, sizeof contents);
    const Buffer handle = CardDevice::Get().Allocate(sizeof contents.self);
    std::memcpy(handle.host, &contents.self, sizeof contents.self);
    imports.emplace_back(variable.name, handle.va);
  }
  return imports;
}

// Kernel arguments as PTX lays out a .param list: each at a multiple of its size.
void Append(std::vector<uint8_t>& params, const void* bytes, size_t size) {
  params.resize((params.size() + size - 1) / size * size);
  const auto* from = static_cast<const uint8_t*>(bytes);
  params.insert(params.end(), from, from + size);
}

absl::StatusOr<std::vector<uint64_t>> Execute(const CaseFile& file, const Launch& launch) {
  CardDevice& card = CardDevice::Get();
  card.Reset();
  ASSIGN_OR_RETURN(const CodeObject code,
                   CompileForCard(launch.ptx.empty() ? file.ptx : launch.ptx, launch.kernel));
  const Imports imports = PlaceVariables(file);
  // Forms write one 64-bit cell each, other kernels their values side by side.
  const bool is_form = absl::StartsWith(launch.kernel, "form_");
  const Buffer output = card.Allocate(is_form ? 8 * launch.expected.size() : SizeOf(launch.expected));
  LaunchOptions options = {.grid = {launch.blocks, 1, 1}, .block = {launch.threads, 1, 1}};
  if (launch.cluster != 0) options.cluster.x = launch.cluster;
  Append(options.params, &output.va, sizeof output.va);
  for (const Argument& argument : launch.arguments) {
    if (argument.is_buffer) {
      const Buffer buffer = BufferOf(argument.values);
      Append(options.params, &buffer.va, sizeof buffer.va);
    } else {
      Append(options.params, &argument.values[0].bits, ptx_test::SizeBytes(argument.values[0].type));
    }
  }
  ASSIGN_OR_RETURN(const LaunchResult result, card.Run(code, launch.kernel, imports, options));
  if (result.status != TQGPU_COMPLETION_OK) {
    return absl::InternalError(absl::StrCat(
        "status ", result.status, ", cause ", result.fault.cause, ", kind ", result.report.kind.value_or(0),
        " at PTX line ", result.ptx_line, ", address ", result.fault.address, ", pc ", result.fault.pc));
  }
  std::vector<uint64_t> cells;
  const uint8_t* from = output.host;
  for (const Value& value : launch.expected) {
    uint64_t bits = 0;
    std::memcpy(&bits, from, ptx_test::SizeBytes(value.type));
    from += is_form ? 8 : ptx_test::SizeBytes(value.type);
    cells.push_back(bits);
  }
  return cells;
}

class CardCase : public ::testing::Test {
 public:
  explicit CardCase(std::string path) : path_(std::move(path)) {}

  void TestBody() override {
    const absl::StatusOr<CaseFile> file = ptx_test::ReadCaseFile(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    for (const Launch& launch : file->launches) Check(*file, launch);
  }

 private:
  void Check(const CaseFile& file, const Launch& launch) {
    SCOPED_TRACE(absl::StrCat(path_, ":", launch.line, " ", launch.kernel));
    const absl::StatusOr<std::vector<uint64_t>> actual = Execute(file, launch);
    ASSERT_TRUE(actual.ok()) << actual.status();
    for (size_t i = 0; i < launch.expected.size(); ++i) {
      Value got = launch.expected[i];
      got.bits = (*actual)[i];
      ASSERT_TRUE(ptx_test::Matches(launch.expected[i], got.bits))
          << "value " << i << " is " << ptx_test::ToText(got) << ", expected "
          << ptx_test::ToText(launch.expected[i]);
    }
  }

  const std::string path_;
};

}  // namespace
}  // namespace tq::card_test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TIANQIAO_PTX_CASES)) {
    // modules/ holds text for the parser's tests.
    const bool is_case = entry.path().parent_path().filename() != "modules";
    if (is_case && entry.path().extension() == ".ptx") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::filesystem::path& path : paths) {
    const std::string chapter = path.parent_path().filename(), stem = path.stem();
    ::testing::RegisterTest(
        chapter.c_str(), stem.c_str(), nullptr, nullptr, path.c_str(), 1,
        [path = path.string()]() -> ::testing::Test* { return new tq::card_test::CardCase(path); });
  }
  return RUN_ALL_TESTS();
}
