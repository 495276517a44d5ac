#include "tests/fuzz/differential/irregular.h"

#include "absl/strings/str_cat.h"

namespace tq::fuzz {
namespace {

constexpr uint32_t kMaxTurns = 6;

class Maker {
 public:
  Maker(Dice& dice, Jumps jumps) : dice_(dice), jumps_(jumps), id_(dice.NewId()), count_(3 + dice.Below(4)) {}

  Statement Make() {
    Statement all;
    // Every block takes from what a thread has for all of them, so that each thread ends.
    if (dice_.Chance(50)) {
      all.head = {absl::StrCat("and.b32 %c", id_, ", ", dice_.Register('b'), ", ", 4 * kMaxTurns - 1, ";")};
    } else {
      all.head = {absl::StrCat("mov.u32 %c", id_, ", ", 1 + dice_.Below(4 * kMaxTurns), ";")};
    }
    for (uint32_t block = 0; block < count_; ++block) all.body.push_back(Block(block));
    all.tail = {absl::StrCat("END", id_, ":")};
    return all;
  }

 private:
  std::string Target(uint32_t from) {
    uint32_t to = from + 1 + dice_.Below(count_ - from);
    if (jumps_ == Jumps::kToFirst && dice_.Chance(30)) to = 0;
    if (jumps_ == Jumps::kAnywhere) to = dice_.Below(count_ + 1);
    return to == count_ ? absl::StrCat("END", id_) : absl::StrCat("BLOCK", id_, "_", to);
  }

  Statement Block(uint32_t number) {
    Statement block;
    block.head = {absl::StrCat("BLOCK", id_, "_", number, ":"),
                  absl::StrCat("sub.s32 %c", id_, ", %c", id_, ", 1;"),
                  absl::StrCat("setp.lt.s32 %q", id_, ", %c", id_, ", 0;"),
                  absl::StrCat("@%q", id_, " bra END", id_, ";")};
    for (uint32_t i = 1 + dice_.Below(2); i != 0; --i) block.body.push_back(dice_.Instruction());
    for (uint32_t i = dice_.Below(3); i != 0; --i) {
      block.tail.push_back(
          absl::StrCat("@", dice_.Chance(50) ? "!" : "", dice_.Register('p'), " bra ", Target(number), ";"));
    }
    if (dice_.Chance(30)) block.tail.push_back(absl::StrCat("bra ", Target(number), ";"));
    return block;
  }

  Dice& dice_;
  const Jumps jumps_;
  const uint32_t id_, count_;
};

}  // namespace

Statement Irregular(Dice& dice, Jumps jumps) { return Maker(dice, jumps).Make(); }

}  // namespace tq::fuzz
