#include "runtime/cuda/context_local_storage.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tq::cuda {
namespace {

CUcontext Context(uintptr_t number) { return reinterpret_cast<CUcontext>(number * 16); }
void* Pointer(uintptr_t number) { return reinterpret_cast<void*>(number); }

TEST(ContextLocalStorage, ValuesBelongToContextAndKey) {
  ContextLocalStorage storage;
  EXPECT_TRUE(storage.Put(Context(1), Pointer(10), Pointer(100), nullptr));
  EXPECT_FALSE(storage.Put(Context(1), Pointer(11), Pointer(101), nullptr));
  EXPECT_TRUE(storage.Put(Context(2), Pointer(10), Pointer(102), nullptr));
  void* value = nullptr;
  EXPECT_TRUE(storage.Find(Context(1), Pointer(10), &value));
  EXPECT_EQ(value, Pointer(100));
  EXPECT_TRUE(storage.Find(Context(1), Pointer(11), &value));
  EXPECT_EQ(value, Pointer(101));
  EXPECT_TRUE(storage.Find(Context(2), Pointer(10), &value));
  EXPECT_EQ(value, Pointer(102));
  EXPECT_FALSE(storage.Find(Context(2), Pointer(11), &value));
}

TEST(ContextLocalStorage, AStoredNullIsAValue) {
  ContextLocalStorage storage;
  storage.Put(Context(1), Pointer(10), nullptr, nullptr);
  void* value = Pointer(7);
  EXPECT_TRUE(storage.Find(Context(1), Pointer(10), &value));
  EXPECT_EQ(value, nullptr);
}

TEST(ContextLocalStorage, DeletedValuesAreGone) {
  ContextLocalStorage storage;
  storage.Put(Context(1), Pointer(10), Pointer(100), nullptr);
  EXPECT_TRUE(storage.Delete(Context(1), Pointer(10)));
  EXPECT_FALSE(storage.Delete(Context(1), Pointer(10)));
  void* value = nullptr;
  EXPECT_FALSE(storage.Find(Context(1), Pointer(10), &value));
  EXPECT_TRUE(storage.Put(Context(1), Pointer(10), Pointer(101), nullptr));
  EXPECT_TRUE(storage.Find(Context(1), Pointer(10), &value));
  EXPECT_EQ(value, Pointer(101));
}

std::vector<std::pair<void*, void*>>* destroyed = nullptr;
void Record(CUcontext, void* key, void* value) { destroyed->emplace_back(key, value); }

TEST(ContextLocalStorage, DestructorsRunForOneContextOnly) {
  std::vector<std::pair<void*, void*>> log;
  destroyed = &log;
  ContextLocalStorage storage;
  storage.Put(Context(1), Pointer(10), Pointer(100), Record);
  storage.Put(Context(2), Pointer(10), Pointer(200), Record);
  storage.Put(Context(1), Pointer(11), Pointer(101), nullptr);
  storage.DestroyAll(Context(1));
  EXPECT_EQ(log, (std::vector<std::pair<void*, void*>>{{Pointer(10), Pointer(100)}}));
  void* value = nullptr;
  EXPECT_FALSE(storage.Find(Context(1), Pointer(10), &value));
  EXPECT_FALSE(storage.Find(Context(1), Pointer(11), &value));
  EXPECT_TRUE(storage.Find(Context(2), Pointer(10), &value));
  storage.DestroyAll(Context(1));
  EXPECT_EQ(log.size(), 1u);
}

TEST(ContextLocalStorage, ADestructorMayUseTheStorage) {
  static ContextLocalStorage storage;
  storage.Put(Context(1), Pointer(10), Pointer(100), [](CUcontext context, void* key, void*) {
    void* value;
    EXPECT_FALSE(storage.Find(context, key, &value));
    storage.Delete(context, key);
  });
  storage.DestroyAll(Context(1));
}

TEST(ContextLocalStorage, ReadersSeeTheirValueWhileOthersAreRewritten) {
  ContextLocalStorage storage;
  storage.Put(Context(1), Pointer(10), Pointer(100), nullptr);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop.load()) {
        void* value = nullptr;
        if (!storage.Find(Context(1), Pointer(10), &value) || value != Pointer(100)) ++wrong;
        // A neighbour is either absent or carries the value that goes with its key.
        for (uintptr_t key = 20; key < 40; ++key) {
          if (storage.Find(Context(key), Pointer(key), &value) && value != Pointer(key * 10)) ++wrong;
        }
      }
    });
  }
  for (int round = 0; round < 2000; ++round) {
    for (uintptr_t key = 20; key < 40; ++key)
      storage.Put(Context(key), Pointer(key), Pointer(key * 10), nullptr);
    for (uintptr_t key = 20; key < 40; ++key) storage.Delete(Context(key), Pointer(key));
  }
  stop.store(true);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace tq::cuda
