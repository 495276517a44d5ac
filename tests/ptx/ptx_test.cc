// Runs every case file below tests/ptx: one GoogleTest case a file, named CHAPTER.STEM. `--forms` prints the
// instructions that they execute, and launches nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>

#include "tests/ptx/case_file.h"
#include "tests/ptx/device_session.h"

namespace tq::ptx_test {
namespace {

class PtxCase : public ::testing::Test {
 public:
  explicit PtxCase(std::string path) : path_(std::move(path)) {}

  void TestBody() override {
    const absl::StatusOr<CaseFile> file = ReadCaseFile(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_FALSE(file->launches.empty()) << path_ << " launches nothing";
    for (const Launch& launch : file->launches) Check(*file, launch);
  }

 private:
  void Check(const CaseFile& file, const Launch& launch) {
    SCOPED_TRACE(path_ + ":" + std::to_string(launch.line) + " " + launch.kernel);
    const absl::StatusOr<std::vector<uint64_t>> actual = DeviceSession::Get().Execute(file, launch);
    if (!actual.ok()) {
      ADD_FAILURE() << actual.status();
      return;
    }
    for (size_t i = 0; i < launch.expected.size(); ++i) {
      if (Matches(launch.expected[i], (*actual)[i])) continue;
      Value got = launch.expected[i];
      got.bits = (*actual)[i];
      ADD_FAILURE() << "value " << i << " is " << ToText(got) << ", expected " << ToText(launch.expected[i]);
      return;
    }
  }

  const std::string path_;
};

std::vector<std::filesystem::path> CaseFiles() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TIANQIAO_PTX_CASES)) {
    // modules/ holds text for the parser's tests.
    const bool is_case = entry.path().parent_path().filename() != "modules";
    if (is_case && entry.path().extension() == ".ptx") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

int PrintForms() {
  std::set<std::string> forms;
  for (const std::filesystem::path& path : CaseFiles()) {
    const absl::StatusOr<CaseFile> file = ReadCaseFile(path);
    if (!file.ok()) {
      std::cerr << file.status() << "\n";
      return 1;
    }
    forms.insert(file->forms.begin(), file->forms.end());
  }
  for (const std::string& form : forms) std::cout << form << "\n";
  return 0;
}

}  // namespace
}  // namespace tq::ptx_test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::string_view(argv[1]) == "--forms") return tq::ptx_test::PrintForms();
  for (const std::filesystem::path& path : tq::ptx_test::CaseFiles()) {
    const std::string chapter = path.parent_path().filename(), stem = path.stem();
    ::testing::RegisterTest(
        chapter.c_str(), stem.c_str(), nullptr, nullptr, path.c_str(), 1,
        [path = path.string()]() -> ::testing::Test* { return new tq::ptx_test::PtxCase(path); });
  }
  return RUN_ALL_TESTS();
}
