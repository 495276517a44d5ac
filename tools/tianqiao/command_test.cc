// The command as a user types it. TIANQIAO, LINKED, OPENS_BY_PATH and VENDOR_PTXAS are paths of programs
// (CMakeLists.txt).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Outcome {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;
  std::string output;  // of both streams
};

Outcome Execute(const std::string& command) {
  Outcome outcome;
  // exec: the status is the command's own, not the shell's.
  FILE* pipe = popen(("exec " + command + " 2>&1").c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::array<char, 4096> part;
  while (const size_t size = fread(part.data(), 1, part.size(), pipe))
    outcome.output.append(part.data(), size);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  return outcome;
}

Outcome Tianqiao(const std::string& arguments) { return Execute(TIANQIAO " " + arguments); }

// `program` got our libcuda, whose version is 13.0 or later, and not the vendor's, whose version is 42.
void ExpectOurs(const std::string& output) { EXPECT_GE(std::atoi(output.c_str()), 13000) << output; }

TEST(Smi, ListsDevicesAndShowsTheTable) {
  EXPECT_THAT(Tianqiao("smi -L").output, StartsWith("GPU 0: "));
  const Outcome table = Execute("env TIANQIAO_CPU_DEVICES=2 " TIANQIAO " smi --interval 10");
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_THAT(table.output, HasSubstr("CUDA Version: 13.0"));
  EXPECT_THAT(table.output, HasSubstr("MiB / "));
  EXPECT_THAT(table.output, HasSubstr("Processes:"));
}

TEST(Run, KeepsTheExitCode) {
  EXPECT_EQ(Tianqiao("run sh -c 'exit 37'").exit_code, 37);
  EXPECT_EQ(Tianqiao("run " LINKED " 5").exit_code, 5);
}

TEST(Run, KeepsTheSignal) { EXPECT_EQ(Tianqiao("run " LINKED " abort").signal, SIGABRT); }

TEST(Run, LeavesTheProgramsOptionsAlone) {
  EXPECT_EQ(Tianqiao("run echo --devices 3 --help -x").output, "--devices 3 --help -x\n");
}

TEST(Run, SetsTheEnvironment) {
  const Outcome outcome = Tianqiao(
      "run --devices 3 --compute-capability 9.0 --trace sh -c "
      "'echo $TIANQIAO_CPU_DEVICES $TIANQIAO_COMPUTE_CAPABILITY $TIANQIAO_TRACE'");
  EXPECT_EQ(outcome.output, "3 9.0 api\n");
  EXPECT_THAT(Execute("env LD_LIBRARY_PATH=/their/own " TIANQIAO " run sh -c 'echo $LD_LIBRARY_PATH'").output,
              EndsWith("/lib:/their/own\n"));
}

TEST(Run, OffersOurPtxasToWhatCompilesAsItRuns) {
  const std::string offered = Tianqiao("run sh -c 'command -v ptxas; echo $TRITON_PTXAS_PATH'").output;
  const std::string path = offered.substr(0, offered.find('\n'));
  EXPECT_EQ(offered, path + "\n" + path + "\n");
  EXPECT_THAT(Execute(path + " --version").output, HasSubstr("Tianqiao"));
  EXPECT_EQ(Execute("env TRITON_PTXAS_PATH=/its/own " TIANQIAO " run sh -c 'echo $TRITON_PTXAS_PATH'").output,
            "/its/own\n");
}

TEST(Run, AnAuditedProgramsOwnPtxasBecomesOurs) {
  EXPECT_EQ(Tianqiao("run " VENDOR_PTXAS " --version").output, "theirs\n");
  EXPECT_THAT(Tianqiao("run --audit always sh -c '" VENDOR_PTXAS " --version'").output,
              HasSubstr("Tianqiao"));
  const Outcome outcome = Tianqiao("run --audit always " VENDOR_PTXAS " -arch sm_90 '/no such/file'");
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("/no such/file"));
}

TEST(Run, SaysThatThereIsNoSuchProgram) {
  const Outcome outcome = Tianqiao("run no_such_program_anywhere");
  EXPECT_EQ(outcome.exit_code, 127);
  EXPECT_THAT(outcome.output, HasSubstr("no_such_program_anywhere"));
  EXPECT_EQ(Tianqiao("run /no/such/path").exit_code, 127);
  EXPECT_EQ(Tianqiao("run /etc/passwd").exit_code, 126);
}

TEST(Run, ReachesProgramsWithAnRpath) {
  EXPECT_EQ(Execute(LINKED).output, "42\n");
  ExpectOurs(Tianqiao("run " LINKED).output);
  EXPECT_EQ(Tianqiao("run --audit never " LINKED).output, "42\n");
}

TEST(Run, ReachesProgramsThatOpenAWholePath) {
  EXPECT_EQ(Execute(OPENS_BY_PATH).output, "42\n");
  ExpectOurs(Tianqiao("run " OPENS_BY_PATH).output);
}

TEST(Trace, WritesTheCallsToAFile) {
  const std::string log = ::testing::TempDir() + "trace.log";
  std::remove(log.c_str());
  EXPECT_EQ(Tianqiao("trace --output " + log + " " LINKED).exit_code, 0);
  std::ifstream file(log);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_THAT(text, HasSubstr("cuDriverGetVersion"));
}

TEST(Info, ListsDevicesAndKnobs) {
  const Outcome devices = Tianqiao("info");
  EXPECT_EQ(devices.exit_code, 0) << devices.output;
  EXPECT_THAT(devices.output, StartsWith("CUDA version 13."));
  EXPECT_THAT(devices.output, HasSubstr("compute capability      12.1"));
  EXPECT_THAT(Execute("env TIANQIAO_CPU_DEVICES=3 " TIANQIAO " info").output, HasSubstr("Device 2: "));
  EXPECT_THAT(Tianqiao("info --knobs").output, HasSubstr("TIANQIAO_HAL\n"));
}

constexpr char kTwoKernels[] =
    ".version 8.0\n.target sm_80\n.address_size 64\n"
    ".visible .entry first(.param .u64 p)\n{\n  ret;\n}\n"
    ".visible .entry second()\n{\n  frobnicate.b32 %r1;\n  ret;\n}\n";

std::string WriteFile(const std::string& name, const std::string& text) {
  const std::string path = ::testing::TempDir() + name;
  std::ofstream(path) << text;
  return path;
}

TEST(Doctor, CountsKernels) {
  const Outcome outcome = Tianqiao("doctor --list " + WriteFile("two.ptx", kTwoKernels));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("PTX for sm_80"));
  EXPECT_THAT(outcome.output, HasSubstr("2 kernels in 1 modules"));
  EXPECT_THAT(outcome.output, HasSubstr("second"));
}

TEST(Doctor, FindsTheKernelThatDoesNotCompile) {
  const Outcome outcome = Tianqiao("doctor --deep " + WriteFile("two.ptx", kTwoKernels));
  EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("1 compile, 1 cannot run"));
  EXPECT_THAT(outcome.output, HasSubstr("frobnicate"));
}

TEST(Doctor, SaysThatPtxIsTooNew) {
  const std::string fatbin = ::testing::TempDir() + "two.fatbin";
  ASSERT_EQ(Execute(TIANQIAO_FATBIN " -o " + fatbin + " " + WriteFile("two.ptx", kTwoKernels)).exit_code, 0);
  EXPECT_EQ(Tianqiao("doctor " + fatbin).exit_code, 0);
  const Outcome outcome = Execute("env TIANQIAO_COMPUTE_CAPABILITY=7.5 " TIANQIAO " doctor " + fatbin);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("no PTX that runs on sm_75"));
}

TEST(Doctor, RefusesWhatHoldsNoDeviceCode) {
  EXPECT_EQ(Tianqiao("doctor /nonexistent").exit_code, 2);
  EXPECT_EQ(Tianqiao("doctor " + WriteFile("text", "nothing to see here\n")).exit_code, 2);
}

TEST(Cache, ShowsVerifiesAndClears) {
  const std::string directory = ::testing::TempDir() + "cache_of_command_test";
  const std::string prefix = "env TIANQIAO_CACHE_DIR=" + directory + " " TIANQIAO " cache ";
  EXPECT_THAT(Execute(prefix).output, HasSubstr(directory));
  EXPECT_EQ(Execute(prefix + "verify").output, "0 kernels checked, 0 damaged and removed\n");
  EXPECT_EQ(Execute(prefix + "clear").output, "0 kernels removed\n");
  EXPECT_THAT(Execute("env TIANQIAO_CACHE_SIZE=0 " TIANQIAO " cache").output, HasSubstr("is off"));
}

TEST(Command, HelpsWithoutBeingToldWhatTo) {
  EXPECT_EQ(Tianqiao("--help").exit_code, 0);
  EXPECT_THAT(Tianqiao("run --help").output, HasSubstr("PROGRAM [ARGS...]"));
  EXPECT_EQ(Tianqiao("").exit_code, 2);
  EXPECT_EQ(Tianqiao("frobnicate").exit_code, 2);
  EXPECT_EQ(Tianqiao("run").exit_code, 2);
}

}  // namespace
