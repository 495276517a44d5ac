#include "compiler/cache/key.h"

#include <gtest/gtest.h>

#include <set>

namespace tq {
namespace {

TEST(Key, EveryFieldOfARequestChangesIt) {
  tq_ptx_chunk chunks[2] = {{"abc", 3, 1}, {"def", 3, 2}};
  const char* symbols[2] = {"k", "f"};
  const tq_compile_request base = {sizeof(base), chunks, 2, symbols, 2, "x86_64-cpu", "+avx2", "-g", 4, 0};
  std::set<std::string> keys = {KeyOf(base, "v1").Hex()};
  EXPECT_EQ(KeyOf(base, "v1").Hex(), *keys.begin());
  const auto add = [&](const tq_compile_request& request, const char* version = "v1") {
    EXPECT_TRUE(keys.insert(KeyOf(request, version).Hex()).second);
  };
  add(base, "v2");
  tq_compile_request request = base;
  request.chunk_count = 1;
  add(request);
  request = base;
  request.symbol_count = 1;
  add(request);
  request = base;
  request.target = "riscv64-tqgpu";
  add(request);
  request = base;
  request.features = nullptr;
  add(request);
  request = base;
  request.options = "";
  add(request);
  request = base;
  request.optimization_level = 0;
  add(request);
  tq_ptx_chunk moved[2] = {{"abcd", 4, 1}, {"ef", 2, 2}};
  request = base;
  request.chunks = moved;
  add(request);
  tq_ptx_chunk shifted[2] = {{"abc", 3, 1}, {"def", 3, 3}};
  request.chunks = shifted;
  add(request);
}

}  // namespace
}  // namespace tq
