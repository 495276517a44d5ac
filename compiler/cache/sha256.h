// SHA-256 (FIPS 180-4), for names that must not collide by accident or by intent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tq {

class Sha256 {
 public:
  using Digest = std::array<uint8_t, 32>;

  void Update(const void* data, size_t size_bytes);
  Digest Finish();  // once

 private:
  void Block(const uint8_t* block);

  std::array<uint32_t, 8> state_ = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                    0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
  std::array<uint8_t, 64> pending_;
  size_t pending_bytes_ = 0;
  uint64_t total_bytes_ = 0;
};

}  // namespace tq
