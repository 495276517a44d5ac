// cuGetProcAddress and the exported symbols, against the registry, the lists of what NVIDIA's runtimes ask
// for when they start (measured; tests/api/data) and, where it is installed, the toolkit.
#include <cuda.h>
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

struct Version {
  const char* name;
  int since;
  const char* symbol;
  bool is_per_thread;
  bool is_implemented;
};

constexpr Version kVersions[] = {
#define VERSION(name, since, symbol, per_thread, known) {#name, since, #symbol, per_thread, known},
#include "api/driver_versions.inc"
#undef VERSION
};

const std::vector<std::string> kDriverSymbols = {
#define SYMBOL(name) #name,
#include "api/driver_symbols.inc"
#undef SYMBOL
};

std::set<std::string> FunctionsExportedBy(const std::string& library) {
  std::set<std::string> names;
  FILE* nm = popen(("nm -D --defined-only '" + library + "'").c_str(), "r");
  char address[64], kind[8], name[512];
  while (nm != nullptr && fscanf(nm, "%63s %7s %511s", address, kind, name) == 3) {
    if (kind[0] == 'T') names.insert(std::string(name).substr(0, std::string(name).find('@')));
  }
  if (nm != nullptr) pclose(nm);
  return names;
}

bool Exists(const std::string& path) { return std::ifstream(path).good(); }

void* Exported(const char* symbol) {
  static void* const library = dlopen(TQ_LIBCUDA, RTLD_NOW);
  return dlsym(library, symbol);
}

TEST(Exports, AreExactlyTheSymbolsOfTheRegistry) {
  EXPECT_EQ(FunctionsExportedBy(TQ_LIBCUDA),
            std::set<std::string>(kDriverSymbols.begin(), kDriverSymbols.end()));
}

TEST(Exports, HoldEverySymbolOfTheToolkitsDriverStub) {
  if (!Exists(TQ_TOOLKIT_STUB)) GTEST_SKIP() << "the CUDA toolkit is not installed";
  const std::set<std::string> ours = FunctionsExportedBy(TQ_LIBCUDA);
  const std::set<std::string> theirs = FunctionsExportedBy(TQ_TOOLKIT_STUB);
  EXPECT_EQ(theirs.size(), 637u);
  for (const std::string& name : theirs) EXPECT_TRUE(ours.count(name)) << name;
}

class RequestedBy : public testing::TestWithParam<const char*> {};

// A runtime asks for each name with the version of the prototype it was compiled with.
TEST_P(RequestedBy, RuntimeFindsEachPrototypeUnderItsVersion) {
  std::map<std::string, std::set<int>> prototypes;
  for (const Version& version : kVersions) {
    if (!version.is_per_thread) prototypes[version.name].insert(version.since);
  }
  std::ifstream list(std::string(TQ_TEST_DATA) + "/" + GetParam());
  std::string name;
  int version, flags, count = 0;
  while (list >> name >> version >> flags) {
    ++count;
    if (flags == CU_GET_PROC_ADDRESS_DEFAULT) {
      EXPECT_TRUE(prototypes[name].count(version)) << name << " of CUDA " << version;
    } else {
      EXPECT_TRUE(prototypes.count(name)) << name;
    }
  }
  EXPECT_GT(count, 380);
}

INSTANTIATE_TEST_SUITE_P(Cudart, RequestedBy,
                         testing::Values("requested_by_cudart_11_8.txt", "requested_by_cudart_12_4.txt",
                                         "requested_by_cudart_13_0.txt"));

CUresult Query(const char* name, int version, cuuint64_t flags, void** address,
               CUdriverProcAddressQueryResult* result) {
  *address = reinterpret_cast<void*>(1);
  return cuGetProcAddress_v2(name, address, version, flags, result);
}

TEST(GetProcAddress, EachVersionSelectsThePrototypeOfItsTime) {
  int found = 0;
  for (const Version& version : kVersions) {
    void* address;
    CUdriverProcAddressQueryResult result;
    const cuuint64_t flags = version.is_per_thread ? CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM
                                                   : CU_GET_PROC_ADDRESS_LEGACY_STREAM;
    const CUresult code = Query(version.name, version.since, flags, &address, &result);
    if (version.is_implemented) {
      ++found;
      EXPECT_EQ(code, CUDA_SUCCESS) << version.symbol;
      EXPECT_EQ(result, CU_GET_PROC_ADDRESS_SUCCESS) << version.symbol;
      EXPECT_EQ(address, Exported(version.symbol)) << version.symbol;
    } else {
      EXPECT_EQ(code, CUDA_SUCCESS) << version.symbol;
      EXPECT_NE(result, CU_GET_PROC_ADDRESS_SUCCESS) << version.symbol;
      EXPECT_EQ(address, nullptr) << version.symbol;
    }
  }
  EXPECT_GE(found, 5);
}

TEST(GetProcAddress, FromVersion12OnTheNameMeansTheSecondPrototype) {
  void* address;
  CUdriverProcAddressQueryResult result;
  EXPECT_EQ(Query("cuGetProcAddress", 11030, 0, &address, &result), CUDA_SUCCESS);
  EXPECT_EQ(address, Exported("cuGetProcAddress"));
  EXPECT_EQ(Query("cuGetProcAddress", 11080, 0, &address, &result), CUDA_SUCCESS);
  EXPECT_EQ(address, Exported("cuGetProcAddress"));
  EXPECT_EQ(Query("cuGetProcAddress", 12000, 0, &address, &result), CUDA_SUCCESS);
  EXPECT_EQ(address, Exported("cuGetProcAddress_v2"));
  EXPECT_EQ(Query("cuGetProcAddress", 13000, 0, &address, &result), CUDA_SUCCESS);
  EXPECT_EQ(address, Exported("cuGetProcAddress_v2"));
}

TEST(GetProcAddress, SaysWhyThereIsNoAddress) {
  void* address;
  CUdriverProcAddressQueryResult result;
  EXPECT_EQ(Query("cuGetErrorName", 5000, 0, &address, &result), CUDA_SUCCESS);
  EXPECT_EQ(result, CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT);
  EXPECT_EQ(address, nullptr);
  EXPECT_EQ(Query("cuNoSuchFunction", 13000, 0, &address, &result), CUDA_SUCCESS);
  EXPECT_EQ(result, CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);
  EXPECT_EQ(address, nullptr);
  // The first thing that the runtimes of CUDA 12 and 13 ask.
  EXPECT_EQ(Query("", 0, 0, &address, &result), CUDA_SUCCESS);
  EXPECT_EQ(result, CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);
}

TEST(GetProcAddress, TheQueryResultMayBeLeftOut) {
  void* address = nullptr;
  EXPECT_EQ(cuGetProcAddress_v2("cuGetErrorName", &address, 13000, 0, nullptr), CUDA_SUCCESS);
  EXPECT_EQ(address, Exported("cuGetErrorName"));
  EXPECT_EQ(cuGetProcAddress_v2("cuNoSuchFunction", &address, 13000, 0, nullptr), CUDA_SUCCESS);
  EXPECT_EQ(address, nullptr);
}

TEST(GetProcAddress, TheFunctionOfCuda11SaysNotFoundByItsCode) {
  void* address = reinterpret_cast<void*>(1);
  EXPECT_EQ(cuGetProcAddress("cuNoSuchFunction", &address, 11080, 0), CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(address, nullptr);
  EXPECT_EQ(cuGetProcAddress("cuGetErrorName", &address, 11080, 0), CUDA_SUCCESS);
  EXPECT_EQ(address, Exported("cuGetErrorName"));
}

TEST(GetProcAddress, RefusesNullAndUnknownFlags) {
  void* address;
  CUdriverProcAddressQueryResult result;
  EXPECT_EQ(cuGetProcAddress_v2(nullptr, &address, 13000, 0, &result), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuGetProcAddress_v2("cuInit", nullptr, 13000, 0, &result), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(Query("cuGetErrorName", 13000, 4, &address, &result), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(Query("cuGetErrorName", 13000, 3, &address, &result), CUDA_ERROR_INVALID_VALUE);
}

TEST(ErrorNames, EachCodeHasItsNameAndAText) {
  const struct {
    CUresult code;
    const char* name;
  } kCodes[] = {
#define ERROR_CODE(code, text) {code, #code},
#include "api/error_codes.inc"
#undef ERROR_CODE
  };
  EXPECT_EQ(std::size(kCodes), 101u);
  for (const auto& row : kCodes) {
    const char *name = nullptr, *text = nullptr;
    EXPECT_EQ(cuGetErrorName(row.code, &name), CUDA_SUCCESS);
    EXPECT_STREQ(name, row.name);
    EXPECT_EQ(cuGetErrorString(row.code, &text), CUDA_SUCCESS);
    EXPECT_STRNE(text, "");
  }
}

TEST(ErrorNames, ANumberThatIsNoCodeHasNone) {
  const char* text = "unchanged";
  EXPECT_EQ(cuGetErrorName(static_cast<CUresult>(12345), &text), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(text, nullptr);
  EXPECT_EQ(cuGetErrorString(static_cast<CUresult>(-1), &text), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuGetErrorName(CUDA_SUCCESS, nullptr), CUDA_ERROR_INVALID_VALUE);
}

}  // namespace
