// What our libcudart.so.11.0, .12 and .13 export, against the registry and against NVIDIA's of
// CUDA 11.8, 12.9 and 13.0 (measured with nm; tests/cudart/data).
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace {

struct Exports {
  std::set<std::string> names, versions;
};

Exports ExportsOf(const std::string& library) {
  Exports exports;
  FILE* nm = popen(("nm -D --defined-only '" + library + "'").c_str(), "r");
  char address[64], kind[8], name[512];
  while (nm != nullptr && fscanf(nm, "%63s %7s %511s", address, kind, name) == 3) {
    if (kind[0] != 'T') continue;
    const std::string text = name;
    exports.names.insert(text.substr(0, text.find('@')));
    exports.versions.insert(text.substr(text.rfind('@') + 1));
  }
  if (nm != nullptr) pclose(nm);
  return exports;
}

std::string SonameOf(const std::string& library) {
  char line[512] = "";
  FILE* readelf =
      popen(("readelf -d '" + library + "' | sed -n 's/.*SONAME.*\\[\\(.*\\)\\]/\\1/p'").c_str(), "r");
  const int found = readelf == nullptr ? 0 : fscanf(readelf, "%511s", line);
  if (readelf != nullptr) pclose(readelf);
  return found == 1 ? line : "";
}

struct Release {
  const char* soname;
  const char* library;
  const char* exported_by_nvidia;
  std::set<std::string> registry;
};

#define SYMBOL(name) #name,
const Release kReleases[] = {
    {"libcudart.so.11.0",
     TQ_CUDART_DIRECTORY "/libcudart.so.11.0",
     "exported_by_cudart_11_8.txt",
     {
#include "api/libcudart_11_symbols.inc"
     }},
    {"libcudart.so.12",
     TQ_CUDART_DIRECTORY "/libcudart.so.12",
     "exported_by_cudart_12_9.txt",
     {
#include "api/libcudart_12_symbols.inc"
     }},
    {"libcudart.so.13",
     TQ_CUDART_DIRECTORY "/libcudart.so.13",
     "exported_by_cudart_13_0.txt",
     {
#include "api/libcudart_13_symbols.inc"
     }},
};
#undef SYMBOL

class CudartExports : public testing::TestWithParam<Release> {};

TEST_P(CudartExports, AreThoseOfTheRegistryUnderOneVersion) {
  const Exports ours = ExportsOf(GetParam().library);
  EXPECT_EQ(ours.names, GetParam().registry);
  EXPECT_EQ(ours.versions, std::set<std::string>{GetParam().soname});
  EXPECT_EQ(SonameOf(GetParam().library), GetParam().soname);
}

TEST_P(CudartExports, AreThoseOfNvidiasRuntime) {
  std::ifstream list(std::string(TQ_TEST_DATA) + "/" + GetParam().exported_by_nvidia);
  std::set<std::string> theirs;
  for (std::string name; list >> name;) theirs.insert(name);
  EXPECT_GT(theirs.size(), 390u);
  EXPECT_EQ(ExportsOf(GetParam().library).names, theirs);
}

TEST_P(CudartExports, ResolveByNameAndVersion) {
  void* const library = dlopen(GetParam().library, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  for (const std::string& name : GetParam().registry) {
    EXPECT_NE(dlvsym(library, name.c_str(), GetParam().soname), nullptr) << name;
  }
  dlclose(library);
}

INSTANTIATE_TEST_SUITE_P(Release, CudartExports, testing::ValuesIn(kReleases), [](const auto& info) {
  return "cudart" + std::string(info.param.soname).substr(13, 2);
});

}  // namespace
