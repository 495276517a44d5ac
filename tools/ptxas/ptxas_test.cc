#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "runtime/fatbin/ptx_object.h"
#include "tools/ptxas/options.h"

namespace tq::ptxas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Options, AreSpelledInAllWays) {
  const auto options =
      ParseOptions({"-arch=sm_90a", "-m64", "-O3", "-lineinfo", "--output-file", "out.cubin", "-maxrregcount",
                    "64", "--def-load-cache=ca", "-v", "--warn-on-spills", "in.ptx"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->arch, "sm_90a");
  EXPECT_EQ(options->output, "out.cubin");
  EXPECT_TRUE(options->verbose);
  EXPECT_EQ(options->for_compiler, "-O3 -lineinfo --maxrregcount=64");
  EXPECT_THAT(options->inputs, ElementsAre("in.ptx"));
}

// The command lines of Triton 3.9 and nvcc 13.0.
TEST(Options, AreThoseOfTritonAndNvcc) {
  for (const std::vector<std::string>& line : std::vector<std::vector<std::string>>{
           {"-lineinfo", "-v", "--regAllocOptLevel=2", "--gpu-name=sm_120a", "in.ptx", "-o", "in.ptx.o"},
           {"--fmad=false", "-v", "--opt-level", "0", "--gpu-name=sm_90a", "in.ptx", "-o", "in.ptx.o"},
           {"-arch=sm_121", "-m64", "--compile-only", "in.ptx", "-o", "in.cubin"},
       }) {
    const auto options = ParseOptions(line);
    ASSERT_TRUE(options.ok()) << options.status();
    EXPECT_THAT(options->inputs, ElementsAre("in.ptx"));
  }
}

TEST(Options, UnknownOnesAndMissingValuesAreFatal) {
  EXPECT_EQ(ParseOptions({"--frobnicate"}).status().message(), "Unknown option '--frobnicate'");
  EXPECT_FALSE(ParseOptions({"in.ptx", "-o"}).ok());
}

TEST(Options, MayComeFromAFile) {
  const std::string path = testing::TempDir() + "options.txt";
  std::ofstream(path) << "-arch sm_80\n--entry a,b";
  const auto options = ParseOptions({"-optf", path});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->arch, "sm_80");
  EXPECT_THAT(options->entries, ElementsAre("a", "b"));
  std::ofstream(path) << "-optf " << path;
  EXPECT_FALSE(ParseOptions({"-optf", path}).ok());
}

// The program itself: exit code and what it prints.
struct Result {
  int exit_code;
  std::string output;
};

Result RunPtxas(const std::string& arguments) {
  std::FILE* pipe = popen(absl::StrCat(TIANQIAO_PTXAS, " ", arguments, " 2>&1").c_str(), "r");
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  return {WEXITSTATUS(pclose(pipe)), output};
}

std::string WriteText(const std::string& body) {
  const std::string path = testing::TempDir() + "ptxas_test.ptx";
  std::ofstream(path)
      << ".version 8.5\n.target sm_80\n.address_size 64\n.visible .entry scale(.param .u64 p)\n{\n"
         "\t.reg .b64 %rd;\n\t.reg .f32 %f;\n\t.shared .b32 tile[25];\n"
      << body << "\tret;\n}\n";
  return path;
}

TEST(Ptxas, VersionIsWhatBuildSystemsLookFor) {
  const Result result = RunPtxas("--version");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, testing::ContainsRegex("release [0-9]+\\.[0-9]+, V[0-9.]+"));
}

TEST(Ptxas, WritesAnObjectAndPrintsFigures) {
  const std::string path = WriteText("\tld.param.u64 %rd, [p];\n\tst.shared.b32 [tile], 0;\n\tbar.sync 2;\n");
  const std::string object = testing::TempDir() + "ptxas_test.cubin";
  const Result result = RunPtxas(absl::StrCat("-v -arch=sm_86 -O1 ", path, " -o ", object));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("ptxas info    : Compiling entry function 'scale' for 'sm_86'\n"));
  EXPECT_THAT(result.output,
              HasSubstr("ptxas info    : Used 8 registers, used 3 barriers, 100 bytes smem\n"));
  std::ifstream in(object, std::ios::binary);
  const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  const auto read = fatbin::ReadPtxObject(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->options, "-O1");
  EXPECT_EQ(read->arch.sm, 86u);
  EXPECT_THAT(std::string(read->ptx), HasSubstr(".entry scale"));
}

TEST(Ptxas, ErrorsNameFileAndLine) {
  const std::string path = WriteText("\tst.gobal.f32 [%rd], %f;\n");
  const Result result = RunPtxas(absl::StrCat("-arch=sm_80 ", path, " -o /dev/null"));
  EXPECT_EQ(result.exit_code, 255);
  EXPECT_THAT(result.output, HasSubstr(absl::StrCat("ptxas ", path, ", line 9; error   : ")));
  EXPECT_THAT(result.output, HasSubstr("ptxas fatal   : Ptx assembly aborted due to errors\n"));
}

TEST(Ptxas, RefusesWhatThePtxIsNotFor) {
  const std::string path = WriteText("");
  EXPECT_EQ(RunPtxas(absl::StrCat("-arch=sm_75 ", path, " -o /dev/null")).exit_code, 255);
  EXPECT_EQ(RunPtxas(absl::StrCat("-arch=sm_nothing ", path, " -o /dev/null")).exit_code, 255);
  EXPECT_EQ(RunPtxas("/nonexistent.ptx").exit_code, 255);
  EXPECT_EQ(RunPtxas("").exit_code, 255);
}

}  // namespace
}  // namespace tq::ptxas
