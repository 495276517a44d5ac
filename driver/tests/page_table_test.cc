// The driver's page-table builder against a map from page to translation.
#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"

extern "C" {
#include "driver/tqgpu/tqgpu_pt.h"
}

namespace {

constexpr u64 kPage = TQGPU_PT_PAGE_SIZE;
constexpr u64 kHuge = TQGPU_PT_HUGE_SIZE;
constexpr u64 kReadWrite = TQGPU_PTE_READ | TQGPU_PTE_WRITE;

u64 AddressOf(u64 pte) { return pte >> 10 << 12; }

struct Translation {
  u64 address = 0;  // 0: not mapped
  u64 rights = 0;
  bool operator==(const Translation&) const = default;
};

class PageTableTest : public ::testing::Test {
 protected:
  PageTableTest() : vram_(64 << 20) {
    pt_ = {vram_.data(), 0x400000000, TakePage()};
    std::fill_n(vram_.begin() + static_cast<long>(pt_.root), kPage, 0);
  }

  u64 TakePage() {
    u64 page;
    if (free_.empty()) {
      page = next_ += kPage;
    } else {
      page = *free_.begin();
      free_.erase(free_.begin());
    }
    EXPECT_LE(page + kPage, vram_.size());
    used_.insert(page);
    // A table must not depend on what its page held.
    std::fill_n(vram_.begin() + static_cast<long>(page), kPage, 0xff);
    return page;
  }

  void GivePage(u64 page) {
    EXPECT_EQ(used_.erase(page), 1u) << "page " << page << " is freed twice";
    free_.insert(page);
  }

  // Runs `update` with a pool of `pages` pages, and takes back what is in it then.
  template <typename Update>
  void WithPool(u32 pages, Update update) {
    tqgpu_pt_pool pool = {};
    for (u32 i = 0; i < pages; ++i) tqgpu_pt_pool_push(&pt_, &pool, TakePage());
    update(&pool);
    const u32 left = pool.count;
    for (u32 i = 0; i < left; ++i) GivePage(tqgpu_pt_pool_pop(&pt_, &pool));
    EXPECT_EQ(pool.first, 0u);
  }

  void Map(u64 va, u64 size, u64 address, u64 rights) {
    WithPool(tqgpu_pt_map_pages(va, size),
             [&](tqgpu_pt_pool* pool) { tqgpu_pt_map(&pt_, pool, va, size, address, rights); });
  }
  void Unmap(u64 va, u64 size) {
    WithPool(TQGPU_PT_SPLIT_PAGES, [&](tqgpu_pt_pool* pool) { tqgpu_pt_unmap(&pt_, pool, va, size); });
  }
  void Protect(u64 va, u64 size, u64 rights) {
    WithPool(TQGPU_PT_SPLIT_PAGES,
             [&](tqgpu_pt_pool* pool) { tqgpu_pt_protect(&pt_, pool, va, size, rights); });
  }

  Translation Translate(u64 va) {
    u32 level = 0;
    const u64 pte = tqgpu_pt_lookup(&pt_, va, &level);
    if (!pte) return {};
    EXPECT_EQ(pte & (TQGPU_PTE_USER | TQGPU_PTE_ACCESSED | TQGPU_PTE_DIRTY),
              TQGPU_PTE_USER | TQGPU_PTE_ACCESSED | TQGPU_PTE_DIRTY);
    const u64 span = level ? kHuge : kPage;
    return {AddressOf(pte) + va % span, pte & TQGPU_PTE_RIGHTS};
  }

  u32 LevelOf(u64 va) {
    u32 level = 9;
    tqgpu_pt_lookup(&pt_, va, &level);
    return level;
  }

  std::vector<u8> vram_;
  std::set<u64> free_, used_;
  u64 next_ = 0;
  tqgpu_pt pt_;
};

TEST_F(PageTableTest, NothingIsMappedAtFirst) {
  EXPECT_EQ(Translate(0), Translation{});
  EXPECT_EQ(Translate((1ull << TQGPU_VA_BITS) - kPage), Translation{});
}

TEST_F(PageTableTest, MapsWithSmallAndHugePages) {
  Map(kHuge - kPage, 2 * kHuge, 0x480000000 + kHuge - kPage, kReadWrite);
  EXPECT_EQ(LevelOf(kHuge - kPage), 0u);
  EXPECT_EQ(LevelOf(kHuge), 1u);
  EXPECT_EQ(LevelOf(3 * kHuge - 2 * kPage), 0u);
  EXPECT_EQ(Translate(kHuge + 5 * kPage + 8), (Translation{0x480000000 + kHuge + 5 * kPage + 8, kReadWrite}));
  EXPECT_EQ(Translate(3 * kHuge - kPage).address, 0u);
}

TEST_F(PageTableTest, AddressOutOfStepTakesSmallPages) {
  Map(kHuge, kHuge, 0x480001000, kReadWrite);
  EXPECT_EQ(LevelOf(kHuge), 0u);
  EXPECT_EQ(Translate(2 * kHuge - kPage).address, 0x480001000 + kHuge - kPage);
}

TEST_F(PageTableTest, PartialUnmapSplitsHugePage) {
  Map(0, kHuge, kHuge, kReadWrite);
  Unmap(kPage, kPage);
  EXPECT_EQ(Translate(0), (Translation{kHuge, kReadWrite}));
  EXPECT_EQ(Translate(kPage), Translation{});
  EXPECT_EQ(Translate(2 * kPage), (Translation{kHuge + 2 * kPage, kReadWrite}));
}

TEST_F(PageTableTest, ProtectKeepsAddresses) {
  Map(0, kHuge, kHuge, kReadWrite);
  Protect(0, kPage, TQGPU_PTE_READ);
  EXPECT_EQ(Translate(0), (Translation{kHuge, TQGPU_PTE_READ}));
  EXPECT_EQ(Translate(kPage), (Translation{kHuge + kPage, kReadWrite}));
}

TEST_F(PageTableTest, UnmappingAllGivesTablesBack) {
  const size_t before = used_.size();
  Map(kPage, 8 * kHuge, 0x400100000 + kPage, kReadWrite);
  EXPECT_GT(used_.size(), before);
  Unmap(0, u64{1} << TQGPU_VA_BITS >> 3);  // whole entries of the root
  EXPECT_EQ(used_.size(), before);
}

TEST_F(PageTableTest, RandomUpdatesMatchTheModel) {
  std::mt19937_64 random(7);
  std::map<u64, Translation> model;
  constexpr u64 kSpan = 3 * kHuge;
  const u64 base = (u64{1} << 39) - kHuge;  // crosses entries of all levels
  for (int step = 0; step < 4000; ++step) {
    const u64 unit = random() % 3 ? kPage : kHuge;
    const u64 va = base + random() % kSpan / unit * unit;
    const u64 size = std::min(base + kSpan - va, (random() % (kSpan / unit) + 1) * unit);
    const u64 rights = 1 + random() % 7 == 1 ? TQGPU_PTE_READ : (1 + random() % 7) << 1;
    switch (random() % 3) {
      case 0: {
        const u64 address = 0x400000000 + random() % 64 * (random() % 2 ? kPage : kHuge);
        Map(va, size, address, rights);
        for (u64 at = 0; at < size; at += kPage) model[va + at] = {address + at, rights};
        break;
      }
      case 1:
        Unmap(va, size);
        model.erase(model.lower_bound(va), model.lower_bound(va + size));
        break;
      default:
        Protect(va, size, rights);
        for (auto at = model.lower_bound(va); at != model.lower_bound(va + size); ++at)
          at->second.rights = rights;
    }
    for (int probe = 0; probe < 16; ++probe) {
      const u64 at = base + random() % kSpan / kPage * kPage;
      const auto found = model.find(at);
      const auto expected = found == model.end() ? Translation{} : found->second;
      ASSERT_EQ(Translate(at), expected) << "step " << step << " va " << at;
    }
  }
  for (u64 at = base; at < base + kSpan; at += kPage) {
    const auto found = model.find(at);
    ASSERT_EQ(Translate(at), found == model.end() ? Translation{} : found->second);
  }
}

}  // namespace
