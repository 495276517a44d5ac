// Warp-wide functions over a stand-in for the device: every lane's contribution is recorded first, then each
// lane's result is compared with a reference written from the manual.
#include <gtest/gtest.h>

#include <bitset>
#include <cmath>
#include <cstring>
#include <random>

#include "tests/ptx/devicelib.h"
#include "tests/ptx/oracle.h"

namespace tq::oracle {
namespace {

namespace lib = tq::devicelib;

// One warp whose collectives return what `values` holds.
struct Warp {
  Warp() {
    services.size_bytes = sizeof services;
    services.collect = [](tq_cpu_thread* thread, uint32_t mask, const void* value, uint32_t size,
                          tq_cpu_lanes* lanes) {
      Warp* self = static_cast<Warp*>(thread->block->device);
      if (self->values.empty()) return;
      std::memcpy(&self->values[thread->lane], value, size);
      *lanes = {reinterpret_cast<const uint8_t*>(self->values.data()), sizeof(uint64_t),
                mask ? mask : self->live};
    };
    block.services = &services;
    block.device = this;
    for (uint32_t lane = 0; lane < 32; ++lane)
      threads[lane] = {.block = &block, .linear_tid = lane, .lane = lane};
  }

  tq_cpu_services services = {};
  tq_cpu_block block = {};
  tq_cpu_thread threads[32] = {};
  std::vector<uint64_t> values = std::vector<uint64_t>(32);
  uint32_t live = ~0u;
};

using Shuffle = uint64_t (*)(tq_cpu_thread*, uint32_t, uint32_t, uint32_t, uint32_t);

// The manual's pseudo-code for shfl.sync.
void ExpectShuffle(const char* mode, uint32_t lane, uint32_t mask, uint32_t b, uint32_t c,
                   const std::vector<uint64_t>& values, uint64_t actual) {
  const int bval = b & 31, cval = c & 31, segment = c >> 8 & 31, me = static_cast<int>(lane);
  const int max_lane = (me & segment) | (cval & ~segment), min_lane = me & segment;
  int j = 0;
  bool in_range = false;
  if (std::strcmp(mode, "up") == 0) j = me - bval, in_range = j >= max_lane;
  if (std::strcmp(mode, "down") == 0) j = me + bval, in_range = j <= max_lane;
  if (std::strcmp(mode, "bfly") == 0) j = me ^ bval, in_range = j <= max_lane;
  if (std::strcmp(mode, "idx") == 0) j = min_lane | (bval & ~segment), in_range = j <= max_lane;
  if (!in_range) j = me;
  ASSERT_EQ(actual >> 32, in_range) << mode << " lane " << lane << " b " << b << " c " << c;
  // The manual leaves open what an absent lane gives; programs count on 0.
  const uint32_t expected = (mask >> j & 1) == 0 ? 0 : static_cast<uint32_t>(values[j]);
  ASSERT_EQ(static_cast<uint32_t>(actual), expected) << mode << " lane " << lane;
}

TEST(WarpOracle, ShufflesFollowTheManual) {
  Warp warp;
  std::mt19937_64 random(41);
  const std::pair<const char*, Shuffle> modes[] = {{"up", lib::tq_shfl_up},
                                                   {"down", lib::tq_shfl_down},
                                                   {"bfly", lib::tq_shfl_bfly},
                                                   {"idx", lib::tq_shfl_idx}};
  for (uint32_t width : {32u, 16u, 8u, 4u, 2u, 1u}) {
    for (uint32_t clamp : {31u, 0u, 7u, 12u}) {
      const uint32_t c = (32 - width) << 8 | clamp;
      for (uint32_t b = 0; b < 40; ++b) {
        const uint32_t mask = b % 3 == 0 ? ~0u : static_cast<uint32_t>(random()) | 1u;
        for (uint64_t& value : warp.values) value = static_cast<uint32_t>(random());
        const std::vector<uint64_t> before = warp.values;
        for (uint32_t lane = 0; lane < 32; ++lane) {
          if ((mask >> lane & 1) == 0) continue;
          for (const auto& [mode, function] : modes) {
            const uint64_t actual =
                function(&warp.threads[lane], mask, static_cast<uint32_t>(before[lane]), b, c);
            ExpectShuffle(mode, lane, mask, b, c, before, actual);
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

TEST(WarpOracle, VotesMatchesAndReductionsFollowTheManual) {
  Warp warp;
  std::mt19937_64 random(43);
  for (int round = 0; round < 5000; ++round) {
    const uint32_t mask = round % 5 == 0 ? ~0u : static_cast<uint32_t>(random()) | 1u << (round % 32);
    const int kind = round % 4;
    for (uint64_t& value : warp.values) {
      value = kind == 0 ? random() % 2 : kind == 1 ? 1 : kind == 2 ? 0 : static_cast<uint32_t>(random());
    }
    const std::vector<uint64_t> values = warp.values;
    uint32_t ballot = 0, sum = 0, all_bits = ~0u, any_bits = 0, odd_bits = 0, umin = ~0u, umax = 0;
    int32_t smin = INT32_MAX, smax = INT32_MIN;
    for (uint32_t i = 0; i < 32; ++i) {
      if ((mask >> i & 1) == 0) continue;
      const uint32_t v = static_cast<uint32_t>(values[i]);
      ballot |= uint32_t{v != 0} << i;
      sum += v, all_bits &= v, any_bits |= v, odd_bits ^= v;
      umin = std::min(umin, v), umax = std::max(umax, v);
      smin = std::min(smin, static_cast<int32_t>(v)), smax = std::max(smax, static_cast<int32_t>(v));
    }
    uint32_t leader = 32;
    for (uint32_t lane = 0; lane < 32; ++lane) {
      if ((mask >> lane & 1) == 0) continue;
      leader = std::min(leader, lane);
      tq_cpu_thread* thread = &warp.threads[lane];
      const uint32_t v = static_cast<uint32_t>(values[lane]);
      ASSERT_EQ(lib::tq_vote_ballot(thread, mask, v), ballot);
      ASSERT_EQ(lib::tq_vote_all(thread, mask, v), ballot == mask);
      ASSERT_EQ(lib::tq_vote_any(thread, mask, v), ballot != 0);
      ASSERT_EQ(lib::tq_vote_uni(thread, mask, v), ballot == 0 || ballot == mask);
      ASSERT_EQ(lib::tq_redux_add(thread, mask, v), sum);
      ASSERT_EQ(lib::tq_redux_and(thread, mask, v), all_bits);
      ASSERT_EQ(lib::tq_redux_or(thread, mask, v), any_bits);
      ASSERT_EQ(lib::tq_redux_xor(thread, mask, v), odd_bits);
      ASSERT_EQ(lib::tq_redux_umin(thread, mask, v), umin);
      ASSERT_EQ(lib::tq_redux_umax(thread, mask, v), umax);
      ASSERT_EQ(static_cast<int32_t>(lib::tq_redux_smin(thread, mask, v)), smin);
      ASSERT_EQ(static_cast<int32_t>(lib::tq_redux_smax(thread, mask, v)), smax);
      uint32_t same = 0;
      for (uint32_t i = 0; i < 32; ++i) same |= uint32_t{(mask >> i & 1) && values[i] == values[lane]} << i;
      ASSERT_EQ(lib::tq_match_any(thread, mask, values[lane]), same);
      const uint64_t all = lib::tq_match_all(thread, mask, values[lane]);
      ASSERT_EQ(all, same == mask ? uint64_t{1} << 32 | mask : 0);
      ASSERT_EQ(lib::tq_elect(thread, mask), leader | uint64_t{lane == leader} << 32);
      warp.values = values;
    }
    warp.live = mask;
    ASSERT_EQ(lib::tq_activemask(&warp.threads[leader]), mask);
  }
}

TEST(WarpOracle, FloatReductionsFollowTheRulesForNan) {
  Warp warp;
  std::mt19937_64 random(47);
  const std::vector<float> corners = CornersF32();
  for (int round = 0; round < 5000; ++round) {
    const uint32_t mask = static_cast<uint32_t>(random()) | 1u;
    for (uint64_t& value : warp.values) {
      value = BitCast<uint32_t>(round % 2 ? corners[random() % corners.size()] : RandomF32(random));
    }
    const std::vector<uint64_t> values = warp.values;
    for (uint32_t flags = 0; flags < 4; ++flags) {
      uint32_t low = 0x7fffffff, high = 0x7fffffff;
      bool nan = false;
      for (uint32_t i = 0; i < 32; ++i) {
        if ((mask >> i & 1) == 0) continue;
        float v = BitCast<float>(static_cast<uint32_t>(values[i]));
        if (flags & 1) v = std::fabs(v);
        nan |= std::isnan(v);
        low = BitCast<uint32_t>(lib::tq_min_f32(BitCast<float>(low), v));
        high = BitCast<uint32_t>(lib::tq_max_f32(BitCast<float>(high), v));
      }
      if ((flags & 2) && nan) low = high = 0x7fffffff;
      ASSERT_EQ(lib::tq_redux_fmin(&warp.threads[0], mask, static_cast<uint32_t>(values[0]), flags), low);
      ASSERT_EQ(lib::tq_redux_fmax(&warp.threads[0], mask, static_cast<uint32_t>(values[0]), flags), high);
    }
  }
}

}  // namespace
}  // namespace tq::oracle
