// The hidden interface as NVIDIA's runtimes use it.
#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr unsigned char kCudartInterface[16] = {0x6B, 0xD5, 0xFB, 0x6C, 0x5B, 0xF4, 0xE7, 0x4A,
                                                0x89, 0x87, 0xD9, 0x39, 0x12, 0xFD, 0x9D, 0xF9};
constexpr unsigned char kToolsCallbackHooks[16] = {0xA0, 0x94, 0x79, 0x8C, 0x2E, 0x74, 0x2E, 0x74,
                                                   0x93, 0xF2, 0x08, 0x00, 0x20, 0x0C, 0x0A, 0x66};
constexpr unsigned char kToolsTls[16] = {0x42, 0xD8, 0x5A, 0x81, 0x23, 0xF6, 0xCB, 0x47,
                                         0x82, 0x98, 0xF6, 0xE7, 0x8A, 0x3A, 0xEC, 0xDC};
constexpr unsigned char kTools[16] = {0x21, 0x31, 0x8C, 0x60, 0x97, 0x14, 0x32, 0x48,
                                      0x8C, 0xA6, 0x41, 0xFF, 0x73, 0x24, 0xC8, 0xF2};
constexpr unsigned char kModules[16] = {0x6E, 0x16, 0x3F, 0xBE, 0xB9, 0x58, 0x44, 0x4D,
                                        0x83, 0x5C, 0xE1, 0x82, 0xAF, 0xF1, 0x99, 0x1E};
constexpr unsigned char kContextLocalStorage[16] = {0xC6, 0x93, 0x33, 0x6E, 0x11, 0x21, 0xDF, 0x11,
                                                    0xA8, 0xC3, 0x68, 0xF3, 0x55, 0xD8, 0x95, 0x93};
constexpr unsigned char kIntegrityCheck[16] = {0xD4, 0x08, 0x20, 0x55, 0xBD, 0xE6, 0x70, 0x4B,
                                               0x8D, 0x34, 0xBA, 0x12, 0x3C, 0x66, 0xE1, 0xF2};
constexpr unsigned char kContextChecks[16] = {0x26, 0x3E, 0x88, 0x60, 0x7C, 0xD2, 0x61, 0x43,
                                              0x92, 0xF6, 0xBB, 0xD5, 0x00, 0x6D, 0xFA, 0x7E};
// Asked for by the runtime of CUDA 13.0, which does without it.
constexpr unsigned char kUnknown[16] = {0xF8, 0xCF, 0xF9, 0x51, 0x21, 0x46, 0x8B, 0x4E,
                                        0xB9, 0xE2, 0xFB, 0x46, 0x9E, 0x7C, 0x0D, 0xD9};

void* const* Table(const unsigned char (&id)[16]) {
  CUuuid uuid;
  std::memcpy(uuid.bytes, id, sizeof(id));
  const void* table = nullptr;
  EXPECT_EQ(cuGetExportTable(&table, &uuid), CUDA_SUCCESS);
  return static_cast<void* const*>(table);
}

template <typename Function>
Function* Slot(const unsigned char (&id)[16], int slot) {
  return reinterpret_cast<Function*>(Table(id)[slot]);
}

using Destructor = void(CUcontext, void*, void*);
CUresult Put(CUcontext context, void* key, void* value, Destructor* destructor) {
  return Slot<CUresult(CUcontext, void*, void*, Destructor*)>(kContextLocalStorage, 0)(context, key, value,
                                                                                       destructor);
}
CUresult Delete(CUcontext context, void* key) {
  return Slot<CUresult(CUcontext, void*)>(kContextLocalStorage, 1)(context, key);
}
CUresult Find(void** value, CUcontext context, void* key) {
  return Slot<CUresult(void**, CUcontext, void*)>(kContextLocalStorage, 2)(value, context, key);
}

class ExportTables : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(cuInit(0), CUDA_SUCCESS); }
};

TEST_F(ExportTables, BeginWithTheirSizeInBytes) {
  EXPECT_EQ(reinterpret_cast<size_t>(Table(kCudartInterface)[0]), 13 * sizeof(void*));
  EXPECT_EQ(reinterpret_cast<size_t>(Table(kToolsCallbackHooks)[0]), 7 * sizeof(void*));
  EXPECT_EQ(reinterpret_cast<size_t>(Table(kToolsTls)[0]), 4 * sizeof(void*));
  EXPECT_EQ(reinterpret_cast<size_t>(Table(kTools)[0]), 96 * sizeof(void*));
  EXPECT_EQ(reinterpret_cast<size_t>(Table(kModules)[0]), 105 * sizeof(void*));
  EXPECT_EQ(reinterpret_cast<size_t>(Table(kIntegrityCheck)[0]), 3 * sizeof(void*));
  EXPECT_EQ(reinterpret_cast<size_t>(Table(kContextChecks)[0]), 4 * sizeof(void*));
}

TEST_F(ExportTables, AreOneEach) { EXPECT_EQ(Table(kIntegrityCheck), Table(kIntegrityCheck)); }

TEST_F(ExportTables, AnUnknownOneIsRefused) {
  CUuuid uuid;
  std::memcpy(uuid.bytes, kUnknown, sizeof(kUnknown));
  const void* table = &uuid;
  EXPECT_NE(cuGetExportTable(&table, &uuid), CUDA_SUCCESS);
  EXPECT_EQ(table, nullptr);
  EXPECT_EQ(cuGetExportTable(&table, nullptr), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(ExportTables, ThePrimaryContextsHandleIsGivenWithoutActivatingIt) {
  auto* get = Slot<CUresult(CUcontext*, CUdevice)>(kCudartInterface, 2);
  CUcontext early = nullptr, retained = nullptr;
  ASSERT_EQ(get(&early, 0), CUDA_SUCCESS);
  unsigned flags;
  int active = 1;
  ASSERT_EQ(cuDevicePrimaryCtxGetState(0, &flags, &active), CUDA_SUCCESS);
  EXPECT_EQ(active, 0);
  ASSERT_EQ(cuDevicePrimaryCtxRetain(&retained, 0), CUDA_SUCCESS);
  EXPECT_EQ(early, retained);
  EXPECT_EQ(cuDevicePrimaryCtxRelease_v2(0), CUDA_SUCCESS);
  EXPECT_EQ(get(&early, 99), CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(get(nullptr, 0), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(ExportTables, NoProfilerCallbackIsEnabled) {
  for (const int slot : {2, 6}) {
    void* flags = nullptr;
    size_t count = 0;
    Slot<void(void**, size_t*)>(kToolsCallbackHooks, slot)(&flags, &count);
    ASSERT_EQ(count, slot == 2 ? 1024u : 14u);
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(static_cast<uint32_t*>(flags)[i], 0u);
  }
}

TEST_F(ExportTables, TheIntegrityAnswerIsRepeatableAndDependsOnTheTime) {
  auto* check = Slot<CUresult(uint32_t, uint64_t, uint8_t*)>(kIntegrityCheck, 1);
  uint8_t first[16], again[16], later[16];
  EXPECT_EQ(check(13002, 1700000000, first), CUDA_SUCCESS);
  EXPECT_EQ(check(13002, 1700000000, again), CUDA_SUCCESS);
  EXPECT_EQ(check(13002, 1700000001, later), CUDA_SUCCESS);
  EXPECT_EQ(std::memcmp(first, again, sizeof(first)), 0);
  EXPECT_NE(std::memcmp(first, later, sizeof(first)), 0);
}

TEST_F(ExportTables, AContextIsFoundToBeInOrder) {
  uint32_t result = 7;
  const void* detail = nullptr;
  EXPECT_EQ(
      (Slot<CUresult(CUcontext, uint32_t*, const void**)>(kContextChecks, 2)(nullptr, &result, &detail)),
      CUDA_SUCCESS);
  EXPECT_EQ(result, 0u);
  EXPECT_EQ(Slot<uint32_t()>(kContextChecks, 3)(), 0u);
}

// cuBLASLt 13.0 finds in this way what it keeps for the current context.
TEST_F(ExportTables, TheCurrentContextHasANumberOfItsOwn) {
  auto* current = Slot<CUresult(CUcontext*)>(kToolsTls, 2);
  auto* number = Slot<CUresult(CUcontext, uint64_t*)>(kTools, 4);
  CUcontext contexts[2], found = nullptr;
  uint64_t ids[2] = {};
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(cuCtxCreate(&contexts[i], 0, 0), CUDA_SUCCESS);
    ASSERT_EQ(current(&found), CUDA_SUCCESS);
    EXPECT_EQ(found, contexts[i]);
    ASSERT_EQ(number(found, &ids[i]), CUDA_SUCCESS);
  }
  EXPECT_NE(ids[0], ids[1]);
  for (CUcontext context : contexts) EXPECT_EQ(cuCtxDestroy(context), CUDA_SUCCESS);
  EXPECT_EQ(current(&found), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_NE(number(contexts[0], &ids[0]), CUDA_SUCCESS);
}

// cuBLAS 13.0 finds in this way the workspace of a stream.
TEST_F(ExportTables, AStreamHasTheNumberThatItsHandleHas) {
  CUcontext context;
  CUstream made;
  ASSERT_EQ(cuCtxCreate(&context, 0, 0), CUDA_SUCCESS);
  ASSERT_EQ(cuStreamCreate(&made, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
  auto* resolve = Slot<CUresult(CUcontext, CUstream, CUstream*, int)>(kTools, 51);
  auto* number = Slot<CUresult(CUcontext, CUstream, unsigned long long*)>(kTools, 39);
  std::set<unsigned long long> ids;
  for (CUstream stream : {made, CUstream{nullptr}, CU_STREAM_PER_THREAD}) {
    CUstream resolved = nullptr;
    unsigned long long id = 0, expected = 0;
    ASSERT_EQ(resolve(context, stream, &resolved, stream == CU_STREAM_PER_THREAD), CUDA_SUCCESS);
    ASSERT_EQ(number(context, resolved, &id), CUDA_SUCCESS);
    ASSERT_EQ(cuStreamGetId(stream, &expected), CUDA_SUCCESS);
    EXPECT_EQ(id, expected);
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_EQ(cuCtxDestroy(context), CUDA_SUCCESS);
}

TEST_F(ExportTables, TheFunctionsOfAModuleAreVisited) {
  CUcontext context;
  CUmodule module;
  ASSERT_EQ(cuCtxCreate(&context, 0, 0), CUDA_SUCCESS);
  constexpr char kPtx[] =
      ".version 8.0\n.target sm_80\n.address_size 64\n"
      ".visible .entry first() { ret; }\n.visible .entry second() { ret; }\n";
  ASSERT_EQ(cuModuleLoadData(&module, kPtx), CUDA_SUCCESS);
  using Visit = void(void*, CUfunction);
  auto* for_each = Slot<unsigned(CUcontext, CUmodule, Visit*, void*)>(kModules, 7);
  std::set<CUfunction> seen, expected;
  const auto note = [](void* user, CUfunction f) { static_cast<std::set<CUfunction>*>(user)->insert(f); };
  EXPECT_EQ(for_each(context, module, note, &seen), 2u);
  for (const char* name : {"first", "second"}) {
    CUfunction function;
    ASSERT_EQ(cuModuleGetFunction(&function, module, name), CUDA_SUCCESS);
    expected.insert(function);
  }
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
  EXPECT_EQ(for_each(context, module, note, &seen), 0u);
  EXPECT_EQ(cuCtxDestroy(context), CUDA_SUCCESS);
}

TEST_F(ExportTables, ASlotOfUnknownMeaningNamesItselfOnce) {
  auto* unknown = Slot<CUresult()>(kTools, 95);
  testing::internal::CaptureStderr();
  EXPECT_EQ(unknown(), CUDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(unknown(), CUDA_ERROR_NOT_SUPPORTED);
  const std::string text = testing::internal::GetCapturedStderr();
  const size_t at = text.find("slot 95 of the export table TOOLS");
  EXPECT_NE(at, std::string::npos);
  EXPECT_EQ(text.find("slot 95", at + 1), std::string::npos);
}

int key, other_key;

TEST_F(ExportTables, LocalStorageFollowsTheCurrentContext) {
  CUcontext first, second;
  ASSERT_EQ(cuCtxCreate_v2(&first, 0, 0), CUDA_SUCCESS);
  ASSERT_EQ(cuCtxCreate_v2(&second, 0, 0), CUDA_SUCCESS);
  void* value = nullptr;
  EXPECT_EQ(Find(&value, nullptr, &key), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(Put(nullptr, &key, &second, nullptr), CUDA_SUCCESS);
  EXPECT_EQ(Put(first, &key, &first, nullptr), CUDA_SUCCESS);
  EXPECT_EQ(Find(&value, nullptr, &key), CUDA_SUCCESS);
  EXPECT_EQ(value, &second);
  ASSERT_EQ(cuCtxSetCurrent(first), CUDA_SUCCESS);
  EXPECT_EQ(Find(&value, nullptr, &key), CUDA_SUCCESS);
  EXPECT_EQ(value, &first);
  EXPECT_EQ(Find(&value, second, &key), CUDA_SUCCESS);
  EXPECT_EQ(value, &second);
  EXPECT_EQ(Find(&value, second, &other_key), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(Delete(second, &key), CUDA_SUCCESS);
  EXPECT_EQ(Delete(second, &key), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(Find(&value, second, &key), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuCtxDestroy_v2(second), CUDA_SUCCESS);
  EXPECT_EQ(cuCtxDestroy_v2(first), CUDA_SUCCESS);
}

TEST_F(ExportTables, AThreadWithoutContextHasNoLocalStorage) {
  std::thread([] {
    void* value;
    EXPECT_EQ(Find(&value, nullptr, &key), CUDA_ERROR_INVALID_CONTEXT);
    EXPECT_EQ(Put(nullptr, &key, &key, nullptr), CUDA_ERROR_INVALID_CONTEXT);
  }).join();
}

TEST_F(ExportTables, AHandleThatIsNoContextIsRefused) {
  int no_context = 0;
  void* value;
  const auto wild = reinterpret_cast<CUcontext>(&no_context);
  EXPECT_EQ(Find(&value, wild, &key), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(Put(wild, &key, &key, nullptr), CUDA_ERROR_INVALID_CONTEXT);
}

std::vector<void*> destroyed;
void Record(CUcontext, void*, void* value) { destroyed.push_back(value); }

TEST_F(ExportTables, DestructorsRunWhenTheContextEnds) {
  destroyed.clear();
  CUcontext context;
  ASSERT_EQ(cuCtxCreate_v2(&context, 0, 0), CUDA_SUCCESS);
  ASSERT_EQ(Put(context, &key, &key, Record), CUDA_SUCCESS);
  EXPECT_EQ(cuCtxDestroy_v2(context), CUDA_SUCCESS);
  EXPECT_EQ(destroyed, std::vector<void*>{&key});
}

TEST_F(ExportTables, DestructorsRunWhenThePrimaryContextIsResetAndValuesAreGone) {
  destroyed.clear();
  CUcontext context;
  ASSERT_EQ(cuDevicePrimaryCtxRetain(&context, 0), CUDA_SUCCESS);
  ASSERT_EQ(Put(context, &key, &key, Record), CUDA_SUCCESS);
  EXPECT_EQ(cuDevicePrimaryCtxReset_v2(0), CUDA_SUCCESS);
  EXPECT_EQ(destroyed, std::vector<void*>{&key});
  void* value;
  EXPECT_EQ(Find(&value, context, &key), CUDA_ERROR_INVALID_HANDLE);
  ASSERT_EQ(cuDevicePrimaryCtxRetain(&context, 0), CUDA_SUCCESS);
  ASSERT_EQ(Put(context, &key, &other_key, Record), CUDA_SUCCESS);
  EXPECT_EQ(cuDevicePrimaryCtxReset_v2(0), CUDA_SUCCESS);
  EXPECT_EQ(destroyed, (std::vector<void*>{&key, &other_key}));
}

}  // namespace
