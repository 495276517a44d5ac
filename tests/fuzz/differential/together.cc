#include "tests/fuzz/differential/together.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/fuzz/differential/operations.h"

namespace tq::fuzz {
namespace {

// An index below `bound` (a power of two) into %s0, made from %thread and the uniform %u.
std::vector<std::string> Index(Dice& dice, const Shape& shape, uint32_t bound) {
  static constexpr const char* kForms[] = {
      "mov.u32 %s0, %thread;",
      "add.u32 %s0, %thread, C;",
      "sub.u32 %s0, L, %thread;",
      "xor.b32 %s0, %thread, C;",
      "shr.u32 %s0, %thread, S;",
      "and.b32 %s0, %thread, C;",
      "mul.lo.u32 %s0, %thread, S;",
      "mad.lo.u32 %s0, %thread, S, C;",
      "shl.b32 %s0, %thread, S;|or.b32 %s0, %s0, 1;",
      "add.u32 %s0, %thread, %u;",
      "mad.lo.u32 %s0, %block, 32, %thread;",
      "mad.lo.u32 %s0, %u, 4, %thread;",
      "rem.u32 %s0, %thread, C;",
      "div.u32 %s0, %thread, C;",
      "add.u32 %s0, %thread, %u;|shr.u32 %s0, %s0, S;|sub.u32 %s0, %s0, C;",
      "shl.b32 %s0, %thread, S;|xor.b32 %s0, %s0, C;",
      "mov.u32 %s0, %tid.x;|shl.b32 %s0, %s0, S;|mov.u32 %s1, %tid.y;|add.u32 %s0, %s0, %s1;",
      "and.b32 %s0, %thread, -4;|shr.u32 %s1, %thread, 2;|and.b32 %s1, %s1, 3;|or.b32 %s0, %s0, %s1;",
      "sub.u32 %s0, %thread, C;|shr.s32 %s0, %s0, S;",
      "cvt.u16.u32 %t0, %thread;|mul.lo.u16 %t0, %t0, C;|cvt.u32.u16 %s0, %t0;",
  };
  std::string form = dice.Pick(kForms);
  form = absl::StrReplaceAll(form, {{" C;", absl::StrCat(" ", 1 + dice.Below(40), ";")},
                                    {" S;", absl::StrCat(" ", 1 + dice.Below(4), ";")},
                                    {" S,", absl::StrCat(" ", 1 + dice.Below(4), ",")},
                                    {" C,", absl::StrCat(" ", 1 + dice.Below(40), ",")},
                                    {" L,", absl::StrCat(" ", shape.threads - 1 + dice.Below(8), ",")}});
  std::vector<std::string> lines;
  for (size_t at = 0; at < form.size();) {
    const size_t end = std::min(form.find('|', at), form.size());
    lines.push_back(form.substr(at, end - at));
    at = end + 1;
  }
  lines.push_back(absl::StrCat("and.b32 %s0, %s0, ", bound - 1, ";"));
  return lines;
}

void Append(std::vector<std::string>& lines, std::vector<std::string> more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

// %s0 elements of so many bytes as an address in %s2.
std::vector<std::string> Element(Dice& dice, uint32_t size_bytes, const char* base) {
  static constexpr const char* kForms[] = {
      "mul.wide.u32 %s2, %s0, N;|add.u64 %s2, %s2, BASE;",
      "mul.wide.s32 %s2, %s0, N;|add.u64 %s2, BASE, %s2;",
      "cvt.u64.u32 %s2, %s0;|mad.lo.u64 %s2, %s2, N, BASE;", "mad.wide.u32 %s2, %s0, N, BASE;",
      "mul.lo.u32 %s0, %s0, N;|cvt.s64.s32 %s2, %s0;|add.u64 %s2, %s2, BASE;"};
  const std::string form =
      absl::StrReplaceAll(dice.Pick(kForms), {{"N", absl::StrCat(size_bytes)}, {"BASE", base}});
  std::vector<std::string> lines;
  for (size_t at = 0; at < form.size();) {
    const size_t end = std::min(form.find('|', at), form.size());
    lines.push_back(form.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

Statement Together(Dice& dice) {
  const auto patterns = dice.Chance(80) ? WarpOperations() : BlockOperations();
  return Line(dice.Expand(dice.Pick(patterns)));
}

Statement Exchange(Dice& dice, const Shape& shape) {
  const MemoryForm form = dice.Pick(MemoryForms());
  Statement statement;
  const uint32_t offset = dice.Below(kSharedBytesPerThread / form.size_bytes) * form.size_bytes;
  statement.head = {"bar.sync 0;", dice.Access(form.store, ".shared", absl::StrCat("%mine+", offset)),
                    "bar.sync 0;"};
  if (shape.threads > 1 && dice.Chance(50)) {
    statement.head.push_back(absl::StrCat("add.u32 %s0, %thread, ", 1 + dice.Below(shape.threads - 1), ";"));
  } else {
    statement.head.push_back(absl::StrCat("add.u32 %s0, %thread, ", dice.Register('b'), ";"));
  }
  Append(statement.head, {absl::StrCat("rem.u32 %s0, %s0, ", shape.threads, ";"),
                          absl::StrCat("mad.lo.u32 %s0, %s0, ", kSharedBytesPerThread, ", %slots;"),
                          dice.Access(form.load, ".shared", absl::StrCat("%s0+", offset)), "bar.sync 0;"});
  return statement;
}

Statement Tile(Dice& dice, const Shape& shape) {
  const MemoryForm form = dice.Pick(MemoryForms());
  Statement statement;
  statement.head = {"bar.sync 0;", absl::StrCat("mad.lo.u32 %s0, %thread, ", form.size_bytes, ", %slots;"),
                    dice.Guard() + dice.Access(form.store, ".shared", "%s0"), "bar.sync 0;"};
  // Powers of two within what the threads have.
  uint32_t bound = 1;
  while (bound * 2 * form.size_bytes <= shape.threads * kSharedBytesPerThread) bound *= 2;
  Append(statement.head, Index(dice, shape, bound));
  statement.head.push_back(absl::StrCat("mad.lo.u32 %s0, %s0, ", form.size_bytes, ", %slots;"));
  statement.head.push_back(dice.Guard() + dice.Access(form.load, ".shared", "%s0"));
  statement.head.push_back("bar.sync 0;");
  return statement;
}

Statement LoadPattern(Dice& dice, const Shape& shape) {
  const MemoryForm form = dice.Pick(MemoryForms());
  Statement statement;
  statement.head = Index(dice, shape, kInputBytes / form.size_bytes);
  Append(statement.head, Element(dice, form.size_bytes, "%in"));
  const bool is_volatile = std::string_view(form.load).find("volatile") != std::string_view::npos;
  const char* const space = !is_volatile && dice.Chance(30) ? ".global.nc" : dice.Chance(70) ? ".global" : "";
  statement.head.push_back(dice.Guard() + dice.Access(form.load, space, "%s2"));
  return statement;
}

Statement SharedAtomic(Dice& dice) {
  static constexpr const char* kForms[] = {
      "red.shared.add.u32 [counters@@], :b",    "red.shared.max.s32 [counters@@+4], :b",
      "red.shared.xor.b32 [counters@@+8], :b",  "red.shared.and.b32 [counters@@+12], :b",
      "red.shared.min.u64 [counters@@+16], :l", "red.shared.add.u64 [counters@@+24], :l"};
  Statement statement;
  statement.head = {
      dice.Guard() + dice.Expand(dice.Pick(kForms)), dice.Guard() + dice.Expand(dice.Pick(kForms)),
      "bar.sync 0;",
      absl::StrCat("ld.shared.b32 ", dice.Register('b'), ", [counters@@+", 4 * dice.Below(8), "];"),
      "bar.sync 0;"};
  return statement;
}

Statement GlobalAtomic(Dice& dice) {
  static constexpr const char* kForms[] = {
      "red.global.add.u32 [%first+A], :b", "red.global.add.s32 [%first+A], 1",
      "red.global.max.s32 [%first+B], :b", "red.global.xor.b32 [%first+C], :b",
      "red.global.or.b32 [%first+C], :b",  "red.global.add.u32 [%s2+A], :b"};
  const std::vector<std::pair<std::string, std::string>> places = {
      {"A]", absl::StrCat(kSharedOutOffset, "]")},
      {"B]", absl::StrCat(kSharedOutOffset + 32, "]")},
      {"C]", absl::StrCat(kSharedOutOffset + 36, "]")}};
  Statement statement;
  statement.head = {absl::StrCat("and.b32 %s0, ", dice.Chance(50) ? dice.Register('b') : "%thread", ", 7;"),
                    "mad.wide.u32 %s2, %s0, 4, %first;"};
  // What a place gets must commute.
  const std::string line = dice.Pick(kForms);
  for (uint32_t i = 1 + dice.Below(2); i != 0; --i)
    statement.head.push_back(dice.Guard() + absl::StrReplaceAll(dice.Expand(line), places));
  Append(statement.head, {"bar.sync 0;",
                          absl::StrCat("ld.volatile.global.b32 ", dice.Register('b'), ", [%first+",
                                       kSharedOutOffset + 4 * dice.Below(10), "];"),
                          "bar.sync 0;"});
  return statement;
}

Statement MaskedRegion(Dice& dice) {
  const uint32_t id = dice.NewId();
  const std::string predicate = dice.Register('p');
  Statement statement;
  statement.head = {absl::StrCat("vote.sync.ballot.b32 %c", id, ", ", predicate, ", 0xffffffff;"),
                    absl::StrCat("@!", predicate, " bra END", id, ";")};
  static constexpr const char* kForms[] = {
      "redux.sync.<add|min|max>.<s32|u32> $b, :b, M",
      "redux.sync.<and|or|xor>.b32 $b, :b, M",
      "vote.sync.ballot.b32 $b, :p, M",
      "vote.sync.<any|all|uni>.pred $p, :p, M",
      "match.any.sync.b32 $b, :b, M",
      "match.all.sync.b32 $b|$p, :b, M",
      "elect.sync $b|$p, M",
      "bar.warp.sync M",
      // From a lane that takes part: the highest, the lowest, or oneself where the other one does not.
      "bfind.u32 %s0, M; shfl.sync.idx.b32 $b, :b, %s0, 31, M",
      "brev.b32 %s0, M; clz.b32 %s0, %s0; shfl.sync.idx.b32 $b|$p, :b, %s0, 31, M",
      "mov.u32 %s0, %laneid; xor.b32 %s0, %s0, #32; shr.u32 %s1, M, %s0; and.b32 %s1, %s1, 1; "
      "setp.ne.u32 %nan, %s1, 0; mov.u32 %s1, %laneid; selp.b32 %s0, %s0, %s1, %nan; "
      "shfl.sync.idx.b32 $b, :b, %s0, 31, M",
  };
  for (uint32_t i = 1 + dice.Below(3); i != 0; --i) {
    const std::string line = dice.Expand(dice.Pick(kForms));
    statement.body.push_back(Line(absl::StrReplaceAll(line, {{"M", absl::StrCat("%c", id)}})));
    if (dice.Chance(50)) statement.body.push_back(dice.Instruction());
  }
  statement.tail = {absl::StrCat("END", id, ":"), "bar.warp.sync 0xffffffff;"};
  return statement;
}

Statement AcrossABranch(Dice& dice) {
  static constexpr const char* kForms[] = {
      "shfl.sync.idx.b32 $b, :b, #32, 31, 0xffffffff", "shfl.sync.bfly.b32 $b|$p, :b, #32, 31, 0xffffffff",
      "vote.sync.ballot.b32 $b, :p, 0xffffffff", "redux.sync.add.u32 $b, :b, 0xffffffff",
      "match.any.sync.b32 $b, :b, 0xffffffff"};
  const uint32_t id = dice.NewId();
  const std::string form = dice.Pick(kForms);
  Statement statement;
  statement.head = {absl::StrCat("@", dice.Register('p'), " bra ELSE", id, ";"),
                    dice.Expand(form),
                    absl::StrCat("bra END", id, ";"),
                    absl::StrCat("ELSE", id, ":"),
                    dice.Expand(form),
                    absl::StrCat("END", id, ":")};
  return statement;
}

Statement NamedBarrier(Dice& dice, const Shape& shape) {
  const uint32_t id = dice.NewId();
  const uint32_t warps = 1 + dice.Below(shape.threads / 32);
  const uint32_t barrier = 1 + dice.Below(14);
  const std::string store =
      absl::StrCat("st.shared.b32 [%mine+", 4 * dice.Below(8), "], ", dice.Register('b'), ";");
  const std::vector<std::string> load = {
      absl::StrCat("add.u32 %s0, %thread, ", 1 + dice.Below(31), ";"),
      absl::StrCat("rem.u32 %s0, %s0, ", warps * 32, ";"),
      absl::StrCat("mad.lo.u32 %s0, %s0, ", kSharedBytesPerThread, ", %slots;"),
      absl::StrCat("ld.shared.b32 ", dice.Register('b'), ", [%s0+", 4 * dice.Below(8), "];")};
  Statement statement;
  // A warp goes one way as a whole, said so or not.
  static constexpr const char* kWarpNumbers[] = {"shr.u32 %s0, %thread, 5;", "mov.u32 %s0, %warpid;"};
  statement.head = {"bar.sync 0;", dice.Pick(kWarpNumbers),
                    absl::StrCat("setp.ge.u32 %q", id, ", %s0, ", warps, ";"),
                    absl::StrCat("@%q", id, " bra ELSE", id, ";"), store};
  if (dice.Chance(50) && warps * 32 < shape.threads) {
    // Some produce, the others wait for them.
    Append(statement.head,
           {absl::StrCat("bar.arrive ", barrier, ", ", shape.threads, ";"), absl::StrCat("bra END", id, ";"),
            absl::StrCat("ELSE", id, ":"), absl::StrCat("bar.sync ", barrier, ", ", shape.threads, ";")});
    Append(statement.head, load);
    Append(statement.head, {absl::StrCat("END", id, ":"), "bar.sync 0;"});
    return statement;
  }
  static constexpr const char* kWaits[] = {"bar.sync B, N;", "barrier.sync B, N;",
                                           "bar.red.popc.u32 $b, B, N, :p;"};
  const std::string wait = absl::StrReplaceAll(dice.Pick(kWaits), {{"B", absl::StrCat(barrier)},
                                                                   {"N", absl::StrCat(warps * 32)},
                                                                   {"$b", dice.Register('b')},
                                                                   {":p", dice.Register('p')}});
  statement.head.push_back(wait);
  Append(statement.head, load);
  Append(statement.head, {wait, absl::StrCat("ELSE", id, ":"), "bar.sync 0;"});
  return statement;
}

}  // namespace tq::fuzz
