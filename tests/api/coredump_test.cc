#include <cuda.h>
#include <elf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/api/client_process.h"
#include "tests/api/context_fixture.h"

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64

.visible .entry stray()
{
  .reg .b64 %rd;
  mov.u64 %rd, 64;
  st.global.u32 [%rd], 1;
  ret;
}
)";

// A core file in memory.
class Dump {
 public:
  explicit Dump(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
  }
  bool is_core() const {
    return bytes_.size() > sizeof(Elf64_Ehdr) && std::memcmp(bytes_.data(), ELFMAG, SELFMAG) == 0 &&
           header().e_type == ET_CORE;
  }
  std::vector<Elf64_Phdr> segments(Elf64_Word type) const {
    std::vector<Elf64_Phdr> found;
    if (!is_core()) return found;
    for (unsigned i = 0; i < header().e_phnum; ++i) {
      Elf64_Phdr segment;
      std::memcpy(&segment, bytes_.data() + header().e_phoff + i * sizeof segment, sizeof segment);
      if (segment.p_type == type) found.push_back(segment);
    }
    return found;
  }
  // The text of the note of that type.
  std::string Note(unsigned type) const {
    for (const Elf64_Phdr& segment : segments(PT_NOTE)) {
      for (size_t at = segment.p_offset; at < segment.p_offset + segment.p_filesz;) {
        Elf64_Nhdr note;
        std::memcpy(&note, bytes_.data() + at, sizeof note);
        const size_t name = at + sizeof note, text = name + (note.n_namesz + 3) / 4 * 4;
        EXPECT_STREQ(bytes_.data() + name, "TIANQIAO");
        if (note.n_type == type) return bytes_.substr(text, note.n_descsz);
        at = text + (note.n_descsz + 3) / 4 * 4;
      }
    }
    return "";
  }
  unsigned WordAt(CUdeviceptr address) const {
    for (const Elf64_Phdr& segment : segments(PT_LOAD)) {
      if (address < segment.p_vaddr || address - segment.p_vaddr >= segment.p_filesz) continue;
      unsigned word = 0;
      if (segment.p_offset + segment.p_filesz > bytes_.size()) return 0;  // not all of it is written yet
      std::memcpy(&word, bytes_.data() + segment.p_offset + (address - segment.p_vaddr), sizeof word);
      return word;
    }
    return 0;
  }

 private:
  Elf64_Ehdr header() const {
    Elf64_Ehdr header;
    std::memcpy(&header, bytes_.data(), sizeof header);
    return header;
  }
  std::string bytes_;
};

class Coredumps : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    path_ = std::filesystem::temp_directory_path() / ("coredump." + std::to_string(getpid()));
    std::filesystem::remove(path_);
  }
  void TearDown() override {
    std::filesystem::remove(path_);
    ContextFixture::TearDown();
  }
  template <typename T>
  static CUresult Set(CUcoredumpSettings attribute, T value) {
    size_t size = sizeof value;
    return cuCoredumpSetAttribute(attribute, &value, &size);
  }
  static CUresult SetFile(std::string path) {
    size_t size = path.size() + 1;
    return cuCoredumpSetAttribute(CU_COREDUMP_FILE, path.data(), &size);
  }
  static CUresult Fault() {
    CUmodule module = nullptr;
    CUfunction stray = nullptr;
    EXPECT_OK(cuModuleLoadData(&module, kModule));
    EXPECT_OK(cuModuleGetFunction(&stray, module, "stray"));
    EXPECT_OK(cuLaunchKernel(stray, 2, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr));
    return cuCtxSynchronize();
  }
  std::string path_;
};

TEST_F(Coredumps, AreWrittenWhenAskedForOnly) {
  ASSERT_OK(SetFile(path_));
  EXPECT_EQ(Fault(), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(Coredumps, SayWhereAndHoldTheMemory) {
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, 4096));
  ASSERT_OK(cuMemsetD32(memory, 0x600dcafe, 1024));
  ASSERT_OK(SetFile(path_));
  ASSERT_OK(Set(CU_COREDUMP_ENABLE_ON_EXCEPTION, true));
  ASSERT_OK(Set(CU_COREDUMP_TRIGGER_HOST, false));
  EXPECT_EQ(Fault(), CUDA_ERROR_ILLEGAL_ADDRESS);
  const Dump dump(path_);
  ASSERT_TRUE(dump.is_core());
  EXPECT_NE(dump.Note(1).find("device=0\n"), std::string::npos);
  const std::string fault = dump.Note(2);
  for (const char* const line :
       {"kernel=stray\n", "address=0x40\n", "error=700\n", "thread=0,0,0\n", "ptx_line=10\n"}) {
    EXPECT_NE(fault.find(line), std::string::npos) << line << " is not in\n" << fault;
  }
  EXPECT_EQ(dump.WordAt(memory + 4092), 0x600dcafeu);
}

TEST_F(Coredumps, LightOnesHoldNoMemory) {
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, 4096));
  ASSERT_OK(SetFile(path_));
  ASSERT_OK(Set(CU_COREDUMP_ENABLE_ON_EXCEPTION, true));
  ASSERT_OK(
      Set(CU_COREDUMP_GENERATION_FLAGS, unsigned{CU_COREDUMP_LIGHTWEIGHT_FLAGS | CU_COREDUMP_SKIP_ABORT}));
  EXPECT_EQ(Fault(), CUDA_ERROR_ILLEGAL_ADDRESS) << "and the process lives";
  const Dump dump(path_);
  ASSERT_TRUE(dump.is_core());
  EXPECT_NE(dump.Note(2).find("kernel=stray\n"), std::string::npos);
  EXPECT_TRUE(dump.segments(PT_LOAD).empty());
}

TEST_F(Coredumps, TheEnvironmentAsksForThemToo) {
  ASSERT_EQ(setenv("CUDA_ENABLE_COREDUMP_ON_EXCEPTION", "1", 1), 0);
  ASSERT_EQ(setenv("CUDA_COREDUMP_FILE", (path_ + ".%p").c_str(), 1), 0);
  ClientProcess client;
  unsetenv("CUDA_ENABLE_COREDUMP_ON_EXCEPTION");
  unsetenv("CUDA_COREDUMP_FILE");
  const std::string path = path_ + "." + std::to_string(client.pid());
  client.Ask("fault");
  const int status = client.WaitForEnd();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) << "the host's core dump is triggered";
  const Dump dump(path);
  ASSERT_TRUE(dump.is_core());
  EXPECT_NE(dump.Note(2).find("kernel=wild\n"), std::string::npos);
  std::filesystem::remove(path);
}

TEST_F(Coredumps, AttributesAreOfTheContextOrOfAll) {
  bool flag = true;
  size_t size = sizeof flag;
  ASSERT_OK(cuCoredumpGetAttributeGlobal(CU_COREDUMP_ENABLE_ON_EXCEPTION, &flag, &size));
  EXPECT_FALSE(flag);
  ASSERT_OK(Set(CU_COREDUMP_ENABLE_ON_EXCEPTION, true));
  ASSERT_OK(cuCoredumpGetAttribute(CU_COREDUMP_ENABLE_ON_EXCEPTION, &flag, &size));
  EXPECT_TRUE(flag);
  ASSERT_OK(cuCoredumpGetAttributeGlobal(CU_COREDUMP_ENABLE_ON_EXCEPTION, &flag, &size));
  EXPECT_FALSE(flag) << "other contexts keep theirs";
  char text[64] = "";
  size = sizeof text;
  ASSERT_OK(cuCoredumpGetAttributeGlobal(CU_COREDUMP_FILE, text, &size));
  EXPECT_STREQ(text, "core.cuda.%h.%p");
  EXPECT_EQ(size, sizeof "core.cuda.%h.%p");
  size = 3;
  EXPECT_EQ(cuCoredumpGetAttributeGlobal(CU_COREDUMP_FILE, text, &size), CUDA_ERROR_INVALID_VALUE);
  ASSERT_OK(cuCoredumpGetAttributeGlobal(CU_COREDUMP_FILE, nullptr, &size));
  EXPECT_EQ(size, sizeof "core.cuda.%h.%p") << "how much is needed";
}

// Whoever writes to the pipe gets the memory as it is, without any fault; the context goes on.
TEST_F(Coredumps, AreWrittenOnRequestThroughAPipe) {
  std::string pipe = path_ + ".pipe";
  size_t size = pipe.size() + 1;
  ASSERT_OK(cuCoredumpSetAttributeGlobal(CU_COREDUMP_PIPE, pipe.data(), &size));
  bool flag = true;
  size = sizeof flag;
  ASSERT_OK(cuCoredumpSetAttributeGlobal(CU_COREDUMP_ENABLE_USER_TRIGGER, &flag, &size));
  flag = false;
  ASSERT_OK(cuCoredumpGetAttributeGlobal(CU_COREDUMP_ENABLE_USER_TRIGGER, &flag, &size));
  EXPECT_TRUE(flag);
  ASSERT_TRUE(std::filesystem::is_fifo(pipe));
  ASSERT_OK(SetFile(path_));
  ASSERT_OK(Set(CU_COREDUMP_TRIGGER_HOST, false));
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, 4096));
  ASSERT_OK(cuMemsetD32(memory, 0x5eed, 1024));
  ASSERT_OK(cuCtxSynchronize());
  std::ofstream(pipe) << "now\n" << std::flush;
  for (int i = 0; i < 500 && Dump(path_).WordAt(memory + 4092) != 0x5eed; ++i) usleep(10000);
  const Dump dump(path_);
  ASSERT_TRUE(dump.is_core());
  EXPECT_EQ(dump.WordAt(memory + 4092), 0x5eedu);
  EXPECT_NE(dump.Note(1).find("device=0"), std::string::npos);
  EXPECT_EQ(dump.Note(2), "") << "there is no fault";
  EXPECT_OK(cuMemFree(memory));
}

TEST_F(Coredumps, Rules) {
  bool flag = true;
  size_t size = 2;
  EXPECT_EQ(cuCoredumpSetAttribute(CU_COREDUMP_LIGHTWEIGHT, &flag, &size), CUDA_ERROR_INVALID_VALUE);
  size = sizeof flag;
  EXPECT_EQ(cuCoredumpSetAttribute(CU_COREDUMP_LIGHTWEIGHT, nullptr, &size), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuCoredumpSetAttribute(CU_COREDUMP_LIGHTWEIGHT, &flag, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuCoredumpSetAttribute(static_cast<CUcoredumpSettings>(99), &flag, &size),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(SetFile(std::string(1024, 'x')), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(Set(CU_COREDUMP_GENERATION_FLAGS, 1u << 20), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(Set(CU_COREDUMP_ENABLE_USER_TRIGGER, true), CUDA_ERROR_NOT_PERMITTED) << "of the process";
  ASSERT_OK(cuCtxSetCurrent(nullptr));
  EXPECT_EQ(Set(CU_COREDUMP_LIGHTWEIGHT, true), CUDA_ERROR_INVALID_CONTEXT);
  ASSERT_OK(cuCtxSetCurrent(context_));
}

}  // namespace
