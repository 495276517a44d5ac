// Calls every entry point of the newest runtime with one argument at fault, from a list that is generated
// from the registry. cudaGetLastError gives each error once; cudaPeekAtLastError leaves it there.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/api/wrong_handle.h"

namespace {

// Calls that are judged by something else first, or have nothing to do. NVIDIA's runtime gives the same but
// for the directions, where it looks at the size first.
struct Exception {
  const char* function;  // with its per-thread twin
  const char* parameter;
  int result;
};
constexpr Exception kExceptions[] = {
    // Either may be null, and no variable has the name.
    {"cudaLibraryGetGlobal", "dptr", cudaErrorSymbolNotFound},
    {"cudaLibraryGetGlobal", "bytes", cudaErrorSymbolNotFound},
    {"cudaLibraryGetManaged", "dptr", cudaErrorSymbolNotFound},
    {"cudaLibraryGetManaged", "bytes", cudaErrorSymbolNotFound},
    {"cudaDeviceGetStreamPriorityRange", "leastPriority", cudaSuccess},
    {"cudaDeviceGetStreamPriorityRange", "greatestPriority", cudaSuccess},
    // Null asks how many there are.
    {"cudaGraphGetNodes", "nodes", cudaSuccess},
    {"cudaGraphGetRootNodes", "pRootNodes", cudaSuccess},
    {"cudaGraphAddNode", "pDependencies", cudaErrorInvalidResourceHandle},
    {"cudaStreamUpdateCaptureDependencies", "dependencies", cudaErrorIllegalState},
    // No bytes.
    {"cudaMemcpyAsync", "stream", cudaSuccess},
    {"cudaMemcpy2DAsync", "stream", cudaSuccess},
    {"cudaMemsetAsync", "stream", cudaSuccess},
    {"cudaMemset2DAsync", "stream", cudaSuccess},
    {"cudaMemset3DAsync", "stream", cudaSuccess},
    // No kernel, symbol, callback or place for the answer.
    {"cudaLaunchKernel", "stream", cudaErrorInvalidDeviceFunction},
    {"cudaLaunchCooperativeKernel", "stream", cudaErrorInvalidDeviceFunction},
    {"cudaGraphAddMemcpyNodeFromSymbol", "graph", cudaErrorInvalidSymbol},
    {"cudaGraphAddMemcpyNodeFromSymbol", "pDependencies", cudaErrorInvalidSymbol},
    {"cudaGraphAddMemcpyNodeToSymbol", "graph", cudaErrorInvalidSymbol},
    {"cudaGraphAddMemcpyNodeToSymbol", "pDependencies", cudaErrorInvalidSymbol},
    {"cudaGraphExecMemcpyNodeSetParamsFromSymbol", "", cudaErrorInvalidSymbol},
    {"cudaGraphExecMemcpyNodeSetParamsToSymbol", "", cudaErrorInvalidSymbol},
    {"cudaGraphMemcpyNodeSetParamsFromSymbol", "", cudaErrorInvalidSymbol},
    {"cudaGraphMemcpyNodeSetParamsToSymbol", "", cudaErrorInvalidSymbol},
    {"cudaGraphMemFreeNodeGetParams", "node", cudaErrorInvalidValue},
    {"cudaStreamAddCallback", "stream", cudaErrorInvalidValue},
    // From host to host: no direction for an array or a symbol.
    {"cudaMemcpy2DArrayToArray", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpy2DFromArray", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpy2DFromArrayAsync", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpy2DToArray", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpy2DToArrayAsync", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpyArrayToArray", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpyFromArray", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpyFromArrayAsync", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpyToArray", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpyToArrayAsync", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpyFromSymbolAsync", "", cudaErrorInvalidMemcpyDirection},
    {"cudaMemcpyToSymbolAsync", "", cudaErrorInvalidMemcpyDirection},
};

int Exceptional(std::string function, const std::string& parameter, int usual) {
  if (const size_t at = function.rfind("_pt"); at != std::string::npos) function.resize(at);
  for (const Exception& row : kExceptions) {
    const bool is_of_parameter = row.parameter[0] == '\0' || parameter == row.parameter;
    if (function == row.function && is_of_parameter) return row.result;
  }
  return usual;
}

class Arguments : public testing::Test {
 protected:
  void SetUp() override {
    LiveObjects::Get().Make();
    ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
    ASSERT_EQ(cudaFree(nullptr), cudaSuccess);
    ASSERT_EQ(cudaMemGetInfo(&free_bytes_, &total_bytes_), cudaSuccess);
    cudaGetLastError();
  }
  void TearDown() override {
    size_t free_bytes = 0, total_bytes = 0;
    EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    EXPECT_EQ(cudaMemGetInfo(&free_bytes, &total_bytes), cudaSuccess);
    EXPECT_EQ(free_bytes, free_bytes_) << "a call that was refused has kept something";
    LiveObjects::Get().Destroy();
  }

  [[gnu::noinline]] static void Expect(int error, cudaError_t result, const char* function,
                                       const char* parameter, int how = 0) {
    error = Exceptional(function, parameter, error);
    EXPECT_EQ(result, error) << function << ": " << parameter << ", " << how;
    EXPECT_EQ(cudaPeekAtLastError(), result) << function << ": " << parameter;
    EXPECT_EQ(cudaGetLastError(), result) << function << ": " << parameter;
    EXPECT_EQ(cudaGetLastError(), cudaSuccess) << function << ": " << parameter;
  }

  size_t free_bytes_ = 0, total_bytes_ = 0;
};

TEST_F(Arguments, EveryNullPointerThatMustNotBeIsAnInvalidValue) {
#define RUNTIME_NULL_CASE(function, parameter, arguments) \
  Expect(cudaErrorInvalidValue, function arguments, #function, #parameter);
#define RUNTIME_HANDLE_CASE(function, parameter, type, error, arguments)
#include "api/cudart_argument_cases.inc"
#undef RUNTIME_NULL_CASE
#undef RUNTIME_HANDLE_CASE
}

TEST_F(Arguments, EveryHandleThatStandsForNothingIsItsTypesError) {
#define RUNTIME_NULL_CASE(function, parameter, arguments)
#define RUNTIME_HANDLE_CASE(function, parameter, type, error, arguments)               \
  for (const Wrongness wrong : kAllWrongness) {                                        \
    if (wrong == Wrongness::kNull) continue; /* of some types another meaning */       \
    Expect(error, function arguments, #function, #parameter, static_cast<int>(wrong)); \
  }
#include "api/cudart_argument_cases.inc"
}

}  // namespace
