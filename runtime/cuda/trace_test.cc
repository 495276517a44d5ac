// Runs with TIANQIAO_TRACE=api (CMakeLists.txt).
#include "runtime/cuda/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "runtime/core/error.h"
#include "runtime/cuda/entry.h"

namespace tq::cuda {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

std::vector<std::string> LinesOf(void (*calls)()) {
  testing::internal::CaptureStderr();
  calls();
  const std::string text = testing::internal::GetCapturedStderr();
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

absl::Status Allocate(CUdeviceptr* address, size_t bytes) {
  if (bytes == 0) return core::CudaError(CUDA_ERROR_INVALID_VALUE, "The size is 0.");
  *address = 0x7f0000001000;
  return absl::OkStatus();
}

CUresult CallAllocate(CUdeviceptr* address, size_t bytes) {
  return Enter<kNeedsNothing>("cuAlloc", Allocate, OutArg{"address", address}, InArg{"bytes", bytes});
}

TEST(Trace, ACallIsOneLineWithArgumentsResultsAndTime) {
  EXPECT_THAT(LinesOf([] {
                CUdeviceptr address;
                CallAllocate(&address, 1024);
              }),
              ElementsAre(MatchesRegex("cuAlloc\\(bytes=1024\\) = CUDA_SUCCESS -> address=0x7f0000001000 "
                                       "\\[[0-9.]+ us\\]")));
}

TEST(Trace, AFailedCallHasNoResults) {
  EXPECT_THAT(LinesOf([] {
                CUdeviceptr address;
                CallAllocate(&address, 0);
                CallAllocate(nullptr, 1);
              }),
              ElementsAre(MatchesRegex("cuAlloc\\(bytes=0\\) = CUDA_ERROR_INVALID_VALUE \\[.*"),
                          MatchesRegex("cuAlloc\\(bytes=1\\) = CUDA_ERROR_INVALID_VALUE \\[.*")));
}

TEST(Trace, CallsInsideOfACallAreIndentedBetweenItsTwoLines) {
  EXPECT_THAT(LinesOf([] {
                Trace outer("cudaMalloc");
                outer.Argument("size", size_t{8});
                {
                  Trace inner("cuCtxGetCurrent");
                  inner.End(CUDA_SUCCESS);
                }
                CUdeviceptr address;
                CallAllocate(&address, 8);
                outer.End(CUDA_SUCCESS);
              }),
              ElementsAre("cudaMalloc(size=8) {", MatchesRegex("  cuCtxGetCurrent\\(\\) = CUDA_SUCCESS .*"),
                          MatchesRegex("  cuAlloc\\(bytes=8\\) = CUDA_SUCCESS .*"),
                          MatchesRegex("\\} cudaMalloc = CUDA_SUCCESS .*")));
}

TEST(Trace, ValuesAreDecodedByType) {
  EXPECT_THAT(
      LinesOf([] {
        CUDA_MEMCPY2D copy{};
        copy.WidthInBytes = 7;
        copy.dstMemoryType = CU_MEMORYTYPE_DEVICE;
        const CUDA_MEMCPY2D* copies = &copy;
        const int numbers[] = {1, 2, 3};
        Trace trace("cuX");
        trace.Argument("name", static_cast<const char*>("a\"b\n"));
        trace.Argument("kind", CU_MEMORYTYPE_ARRAY);
        trace.Argument("odd", static_cast<CUmemorytype>(77));
        trace.Argument("stream", CUstream{nullptr});
        trace.Argument("ratio", 0.5f);
        trace.Argument("negative", -3);
        trace.Array("numbers", numbers, 3);
        trace.Argument("copy", copies);
        trace.End(static_cast<CUresult>(12345));
      }),
      ElementsAre(MatchesRegex(
          "cuX\\(name=\"a\\\\\"b\\\\n\", kind=CU_MEMORYTYPE_ARRAY, odd=77, stream=null, ratio=0.5, "
          "negative=-3, numbers=\\[1, 2, 3\\], copy=\\{srcXInBytes=0, .*dstMemoryType=CU_MEMORYTYPE_DEVICE, "
          ".*WidthInBytes=7, Height=0\\}\\) = 12345 \\[.*")));
}

TEST(Trace, ALongLineIsCut) {
  const std::vector<std::string> lines = LinesOf([] {
    Trace trace("cuX");
    for (int i = 0; i < 300; ++i) trace.Argument("argument", i);
    trace.End(CUDA_SUCCESS);
  });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], MatchesRegex("cuX\\(argument=0, .*\\.\\.\\.\\) = CUDA_SUCCESS .*"));
  EXPECT_LT(lines[0].size(), 1200u);
}

}  // namespace
}  // namespace tq::cuda
