#include "base/knobs.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tq {
namespace {

TEST(Knobs, SizeSuffixesArePowersOfTwo) {
  EXPECT_EQ(ParseSizeBytes("512", 0), 512u);
  EXPECT_EQ(ParseSizeBytes("3K", 0), 3u << 10);
  EXPECT_EQ(ParseSizeBytes("8G", 0), uint64_t{8} << 30);
}

TEST(Knobs, MalformedAndOverflowingSizesFallBack) {
  for (const char* text : {"", "G", "8GB", "99999999999999999999", "18446744073709551615K", "x"}) {
    EXPECT_EQ(ParseSizeBytes(text, 7), 7u) << text;
  }
}

TEST(Knobs, EnvironmentOverridesDefaultsAndBadNumbersDoNot) {
  setenv("TIANQIAO_CPU_DEVICES", "3", 1);
  setenv("TIANQIAO_DRIVER_VERSION", "twelve", 1);
  setenv("TIANQIAO_PROGRESS", "off", 1);
  const KnobValues values = ReadKnobs();
  EXPECT_EQ(values.cpu_devices, 3);
  EXPECT_EQ(values.driver_version, 13000);
  EXPECT_FALSE(values.progress);
  unsetenv("TIANQIAO_CPU_DEVICES");
  unsetenv("TIANQIAO_DRIVER_VERSION");
  unsetenv("TIANQIAO_PROGRESS");
}

TEST(Knobs, EveryKnobIsListedWithItsMeaning) {
  for (const KnobInfo& knob : ListKnobs()) {
    const std::string name = knob.name;
    // Those of CUDA's own keep their names.
    EXPECT_TRUE(name.rfind("TIANQIAO_", 0) == 0 || name.rfind("CUDA_", 0) == 0) << name;
    EXPECT_STRNE(knob.meaning, "");
  }
}

}  // namespace
}  // namespace tq
