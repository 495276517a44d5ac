// Included by a test program that loads code on a device that runs nothing, through the fake compiler.
// libcuda reads its settings before the program's own code runs: the program sets them and starts over.
#pragma once

#include <unistd.h>

#include <cstdlib>

#ifndef TQ_TEST_HAL
#define TQ_TEST_HAL "null"
#endif

[[gnu::constructor]] static void SetFakeCompilerEnvironment(int argc, char** argv, char** envp) {
  if (std::getenv("TIANQIAO_COMPILER") != nullptr) return;
  setenv("TIANQIAO_HAL", TQ_TEST_HAL, 1);
#ifdef TQ_TEST_HAL_PATH
  setenv("TIANQIAO_HAL_PATH", TQ_TEST_HAL_PATH, 1);
#endif
  setenv("TIANQIAO_CACHE_SIZE", "0", 1);
  setenv("TIANQIAO_LOG", "error", 1);
  setenv("TIANQIAO_COMPILER", TQ_FAKE_COMPILER, 1);
  execv("/proc/self/exe", argv);
  std::abort();
}
