#include "runtime/core/handle.h"

#include <gtest/gtest.h>

#include <memory>

namespace tq::core {
namespace {

struct Stone {
  static constexpr HandleKind kHandleKind = HandleKind::kEvent;
  Handle<Stone> handle{this};
};
struct Leaf {
  static constexpr HandleKind kHandleKind = HandleKind::kStream;
  Handle<Leaf> handle{this};
};

TEST(Handle, LeadsToItsObjectWhileThatLives) {
  auto stone = std::make_unique<Stone>();
  void* handle = stone->handle.as<void*>();
  EXPECT_EQ(FromHandle<Stone>(handle), stone.get());
  EXPECT_EQ(FromHandle<Leaf>(handle), nullptr) << "a handle of another class";
  stone.reset();
  EXPECT_EQ(FromHandle<Stone>(handle), nullptr) << "a stale handle";
}

TEST(Handle, WildPointersAreNoHandles) {
  Leaf leaf;
  char* handle = leaf.handle.as<char*>();
  int local = 0;
  for (const void* wild : {static_cast<const void*>(nullptr), reinterpret_cast<const void*>(1),
                           reinterpret_cast<const void*>(~uintptr_t{0}), static_cast<const void*>(&local),
                           static_cast<const void*>(handle + 8), static_cast<const void*>(handle + 16),
                           static_cast<const void*>(handle + (64 << 20))}) {
    EXPECT_EQ(FromHandle<Leaf>(wild), nullptr) << wild;
  }
}

TEST(Handle, FreedSlotsRestBeforeTheyAreUsedAgain) {
  auto stone = std::make_unique<Stone>();
  void* stale = stone->handle.as<void*>();
  stone.reset();
  for (int i = 0; i < 1000; ++i) {
    Stone other;
    EXPECT_NE(other.handle.as<void*>(), stale);
  }
}

}  // namespace
}  // namespace tq::core
