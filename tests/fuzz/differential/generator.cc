#include "tests/fuzz/differential/generator.h"

#include <random>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/fuzz/differential/operations.h"

namespace tq::fuzz {
namespace {

struct RegisterClass {
  char name;
  const char* type;
  uint32_t count;
  uint32_t size_bytes;
  const char* canonical;  // replaces a NaN before bits are looked at; nullptr: no float
};
constexpr RegisterClass kClasses[] = {
    {'b', ".b32", 6, 4, nullptr}, {'l', ".b64", 3, 8, nullptr}, {'h', ".b16", 2, 2, nullptr},
    {'f', ".f32", 4, 4, "f32"},   {'d', ".f64", 2, 8, "f64"},   {'e', ".b16", 2, 2, "f16"},
    {'x', ".b32", 2, 4, nullptr}, {'z', ".b16", 2, 2, "bf16"},  {'p', ".pred", 4, 0, nullptr},
};

constexpr const char* kIntegers[] = {"0",  "1",   "-1",         "2",           "31",         "32",
                                     "33", "255", "0x7fffffff", "-2147483648", "0xffff0000", "12345"};
constexpr const char* kFloats[] = {"0f00000000", "0f80000000", "0f3F800000", "0fBF800000",
                                   "0f7F800000", "0f00000001", "0f7F7FFFFF", "0f3F000000",
                                   "0f40490FDB", "0f4B800000", "0f7FC00000", "0f80800000"};
constexpr const char* kDoubles[] = {"0d0000000000000000", "0d8000000000000000", "0d3FF0000000000000",
                                    "0dBFF0000000000000", "0d7FF0000000000000", "0d0000000000000001",
                                    "0d7FEFFFFFFFFFFFFF", "0d3FE0000000000000"};

constexpr uint32_t kSharedBytesPerThread = 32;
constexpr uint32_t kLocalBytes = 32;
constexpr uint32_t kPrivateOffset = 256;  // of the 256 bytes of `out` that a thread uses as memory

// Where a statement stands.
struct Context {
  bool together = true;  // all threads of the block are here
  uint32_t depth = 0;
  bool is_kernel = true;
  int divergent_loop = -1;  // the innermost loop, whose end `break` and `continue` may jump to
};

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  Program Run() {
    Program program;
    program.blocks = 1 + Below(2);
    constexpr uint32_t kThreads[] = {32, 64, 96, 128};
    program.threads = kThreads[Below(4)];
    threads_ = program.threads;
    const uint32_t functions = Below(3);
    for (uint32_t i = 0; i < functions; ++i) {
      program.functions.push_back(MakeFunction(i));
      callable_ = i + 1;
    }
    program.functions.push_back(MakeKernel());
    return program;
  }

 private:
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }
  bool Chance(uint32_t percent) { return Below(100) < percent; }
  template <typename T, size_t n>
  T Pick(const T (&from)[n]) {
    return from[Below(n)];
  }

  static const RegisterClass& ClassOf(char name) {
    for (const RegisterClass& c : kClasses) {
      if (c.name == name) return c;
    }
    return kClasses[0];
  }
  std::string Register(char name) {
    return absl::StrCat("%", std::string(1, name), Below(ClassOf(name).count));
  }

  std::string Source(char name) {
    if (!Chance(15)) return Register(name);
    switch (name) {
      case 'b':
      case 'l':
        return Pick(kIntegers);
      case 'f':
        return Pick(kFloats);
      case 'd':
        return Pick(kDoubles);
      default:
        return Register(name);
    }
  }

  // An instruction of a pattern; see operations.h.
  std::string Expand(std::string_view pattern) {
    std::string out;
    std::set<std::string> written;
    for (size_t i = 0; i < pattern.size(); ++i) {
      const char c = pattern[i];
      if (c == '<') {
        const size_t end = pattern.find('>', i);
        std::string_view choices = pattern.substr(i + 1, end - i - 1);
        size_t count = 1;
        for (char choice : choices) count += choice == '|';
        for (size_t skip = Below(static_cast<uint32_t>(count)); skip != 0; --skip)
          choices = choices.substr(choices.find('|') + 1);
        out += choices.substr(0, choices.find('|'));
        i = end;
      } else if (c == '$') {
        std::string destination = Register(pattern[++i]);
        while (!written.insert(destination).second) destination = Register(pattern[i]);
        out += destination;
      } else if (c == ':') {
        out += Source(pattern[++i]);
      } else if (c == '#') {
        uint32_t bound = 0;
        for (; i + 1 < pattern.size() && pattern[i + 1] >= '0' && pattern[i + 1] <= '9'; ++i)
          bound = bound * 10 + static_cast<uint32_t>(pattern[i + 1] - '0');
        absl::StrAppend(&out, Below(bound));
      } else {
        out += c;
      }
    }
    return out + ";";
  }

  std::string Guard() {
    return Chance(20) ? absl::StrCat("@", Chance(40) ? "!" : "", Register('p'), " ") : "";
  }

  // ---- Statements ----

  Statement Line(std::string line) { return {.head = {std::move(line)}}; }

  Statement Instruction() {
    const auto patterns = ThreadOperations();
    const std::string guard = Guard();
    return Line(guard + Expand(patterns[Below(static_cast<uint32_t>(patterns.size()))]));
  }

  Statement Together() {
    const auto patterns = Chance(80) ? WarpOperations() : BlockOperations();
    return Line(Expand(patterns[Below(static_cast<uint32_t>(patterns.size()))]));
  }

  Statement Carry() {
    const bool add = Chance(50);
    Statement statement;
    if (Chance(25)) {
      statement.head = {Expand("mad.lo.cc.u32 $b, :b, :b, :b"), Expand("madc.hi.u32 $b, :b, :b, :b")};
      return statement;
    }
    statement.head.push_back(Expand(add ? "add.cc.<u32|s32> $b, :b, :b" : "sub.cc.<u32|s32> $b, :b, :b"));
    if (Chance(50))
      statement.head.push_back(Expand(add ? "addc.cc.u32 $b, :b, :b" : "subc.cc.u32 $b, :b, :b"));
    statement.head.push_back(Expand(add ? "addc.u32 $b, :b, :b" : "subc.u32 $b, :b, :b"));
    return statement;
  }

  struct MemoryForm {
    const char* load;
    const char* store;
    uint32_t size_bytes;
  };
  static constexpr MemoryForm kMemoryForms[] = {
      {"ld.S.<u8|s8> $b, [A]", "st.S.u8 [A], :b", 1},
      {"ld.S.<u16|s16> $b, [A]", "st.S.u16 [A], :b", 2},
      {"ld.S.<u32|s32|b32> $b, [A]", "st.S.b32 [A], :b", 4},
      {"ld.S.<u32|s32> $l, [A]", "st.S.b32 [A], :b", 4},
      {"ld.S.b64 $l, [A]", "st.S.b64 [A], :l", 8},
      {"ld.S.v2.b32 {$b, $b}, [A]", "st.S.v2.b32 [A], {:b, :b}", 8},
      {"ld.S.v2.u16 {$h, $h}, [A]", "st.S.v2.b16 [A], {:h, :h}", 4},
      {"ld.S.v4.b32 {$b, $b, $b, $b}, [A]", "st.S.v4.b32 [A], {:b, :b, :b, :b}", 16},
      {"ld.S.v2.b64 {$l, $l}, [A]", "st.S.v2.b64 [A], {:l, :l}", 16},
      {"ld.S.v4.u8 {$b, $b, $b, $b}, [A]", "st.S.v4.u8 [A], {:b, :b, :b, :b}", 4},
      {"ld.volatile.S.u32 $b, [A]", "st.volatile.S.u32 [A], :b", 4},
  };

  // What an offset is masked with to stay inside `size_bytes` and aligned.
  static uint32_t OffsetMask(uint32_t size_bytes, const MemoryForm& form) {
    return (size_bytes - form.size_bytes) & ~(form.size_bytes - 1);
  }

  std::string Access(std::string_view pattern, const std::string& space, const std::string& address) {
    std::string text(pattern);
    text.replace(text.find(".S"), 2, space);
    std::string line = Expand(text);
    line.replace(line.find("[A]"), 3, absl::StrCat("[", address, "]"));
    return line;
  }

  // A load of the input, at an offset that the data decides.
  Statement LoadInput() {
    const MemoryForm form = Pick(kMemoryForms);
    Statement statement;
    statement.head.push_back(
        absl::StrCat("and.b32 %s0, ", Register('b'), ", ", OffsetMask(kInputBytes, form), ";"));
    statement.head.push_back("cvt.u64.u32 %s2, %s0;");
    statement.head.push_back("add.u64 %s2, %s2, %in;");
    std::string_view load = form.load;
    const std::string space = load.find("volatile") == load.npos && Chance(30) ? ".global.nc"
                              : Chance(70)                                     ? ".global"
                                                                               : "";
    statement.head.push_back(Guard() + Access(load, space, "%s2"));
    return statement;
  }

  // Memory of the thread alone: local, its part of the output, or its part of shared memory.
  Statement PrivateMemory(const Context& context) {
    const MemoryForm form = Pick(kMemoryForms);
    Statement statement;
    const uint32_t where = Below(context.is_kernel ? 3 : 1);
    const uint32_t size = where == 0 ? kLocalBytes : where == 1 ? 256 : kSharedBytesPerThread;
    statement.head.push_back(absl::StrCat("and.b32 %s0, ", Register('b'), ", ", OffsetMask(size, form), ";"));
    std::string space, address;
    if (where == 0) {
      statement.head.insert(statement.head.end(),
                            {"mov.u64 %s3, memory;", "cvt.u64.u32 %s2, %s0;", "add.u64 %s2, %s2, %s3;"});
      space = ".local";
      address = "%s2";
      if (Chance(20)) {
        statement.head.push_back("cvta.local.u64 %s2, %s2;");
        space = "";
      }
    } else if (where == 1) {
      statement.head.insert(statement.head.end(), {"cvt.u64.u32 %s2, %s0;", "add.u64 %s2, %s2, %out;"});
      space = Chance(80) ? ".global" : "";
      address = absl::StrCat("%s2+", kPrivateOffset);
    } else {
      statement.head.push_back("add.u32 %s0, %s0, %mine;");
      space = ".shared";
      address = "%s0";
    }
    statement.head.push_back(Guard() + Access(form.store, space, address));
    if (Chance(70)) statement.head.push_back(Guard() + Access(form.load, space, address));
    return statement;
  }

  // Atomics on memory of the thread alone, so that what they return is defined.
  Statement PrivateAtomic() {
    static constexpr const char* kForms[] = {
        "atom.S.<add|min|max>.u32 $b, [A], :b",     "atom.S.<min|max>.s32 $b, [A], :b",
        "atom.S.<and|or|xor|exch>.b32 $b, [A], :b", "atom.S.<inc|dec>.u32 $b, [A], :b",
        "atom.S.cas.b32 $b, [A], :b, :b",           "atom.S.<add|min|max>.u64 $l, [A], :l",
        "atom.S.<and|or|xor|exch>.b64 $l, [A], :l", "atom.S.cas.b64 $l, [A], :l, :l",
        "red.S.<add|min|max>.u32 [A], :b",          "red.S.<and|or|xor>.b32 [A], :b",
    };
    const std::string form = Pick(kForms);
    Statement statement;
    if (Chance(50)) {
      statement.head.push_back(Guard() + Access(form, ".shared", absl::StrCat("%mine+", 8 * Below(4))));
    } else {
      statement.head.push_back(
          Guard() + Access(form, ".global", absl::StrCat("%out+", kPrivateOffset + 8 * Below(32))));
    }
    return statement;
  }

  // Atomics on memory of the block that commute, read when all are done.
  Statement SharedAtomic() {
    static constexpr const char* kForms[] = {
        "red.shared.add.u32 [counters@@], :b",    "red.shared.max.s32 [counters@@+4], :b",
        "red.shared.xor.b32 [counters@@+8], :b",  "red.shared.and.b32 [counters@@+12], :b",
        "red.shared.min.u64 [counters@@+16], :l", "red.shared.add.u64 [counters@@+24], :l"};
    Statement statement;
    statement.head = {Guard() + Expand(Pick(kForms)), Guard() + Expand(Pick(kForms)), "bar.sync 0;",
                      absl::StrCat("ld.shared.b32 ", Register('b'), ", [counters@@+", 4 * Below(8), "];"),
                      "bar.sync 0;"};
    return statement;
  }

  // Each thread writes its part of shared memory and reads another's.
  Statement Exchange() {
    const MemoryForm form = Pick(kMemoryForms);
    Statement statement;
    const uint32_t offset = Below(kSharedBytesPerThread / form.size_bytes) * form.size_bytes;
    statement.head = {"bar.sync 0;", Access(form.store, ".shared", absl::StrCat("%mine+", offset)),
                      "bar.sync 0;"};
    if (Chance(50)) {
      statement.head.push_back(absl::StrCat("add.u32 %s0, %thread, ", 1 + Below(threads_ - 1), ";"));
    } else {
      statement.head.push_back(absl::StrCat("add.u32 %s0, %thread, ", Register('b'), ";"));
    }
    statement.head.insert(statement.head.end(),
                          {absl::StrCat("rem.u32 %s0, %s0, ", threads_, ";"),
                           absl::StrCat("mad.lo.u32 %s0, %s0, ", kSharedBytesPerThread, ", %slots;"),
                           Access(form.load, ".shared", absl::StrCat("%s0+", offset)), "bar.sync 0;"});
    return statement;
  }

  Statement If(Context context) {
    const uint32_t id = next_id_++;
    Statement statement;
    std::string predicate = Register('p');
    if (context.together && Chance(40)) {
      // The block's number decides for all its threads alike.
      statement.head.push_back(absl::StrCat("setp.eq.u32 %q", id, ", %block, ", Below(2), ";"));
      predicate = absl::StrCat("%q", id);
    } else {
      context.together = false;
    }
    ++context.depth;
    statement.head.push_back(absl::StrCat("@", Chance(50) ? "!" : "", predicate, " bra ELSE", id, ";"));
    statement.body = Statements(context, 1 + Below(3));
    if (Chance(50)) {
      statement.middle = {absl::StrCat("bra END", id, ";"), absl::StrCat("ELSE", id, ":")};
      statement.other = Statements(context, 1 + Below(4));
      statement.tail = {absl::StrCat("END", id, ":")};
    } else {
      statement.tail = {absl::StrCat("ELSE", id, ":")};
    }
    return statement;
  }

  // The lanes that take a branch vote among themselves.
  Statement MaskedRegion() {
    const uint32_t id = next_id_++;
    const std::string predicate = Register('p');
    Statement statement;
    statement.head = {absl::StrCat("vote.sync.ballot.b32 %c", id, ", ", predicate, ", 0xffffffff;"),
                      absl::StrCat("@!", predicate, " bra END", id, ";")};
    static constexpr const char* kForms[] = {"redux.sync.<add|min|max>.<s32|u32> $b, :b, M",
                                             "redux.sync.<and|or|xor>.b32 $b, :b, M",
                                             "vote.sync.ballot.b32 $b, :p, M",
                                             "vote.sync.<any|all>.pred $p, :p, M",
                                             "match.any.sync.b32 $b, :b, M",
                                             "bar.warp.sync M"};
    for (uint32_t i = 1 + Below(3); i != 0; --i) {
      std::string line = Expand(Pick(kForms));
      line.replace(line.find('M'), 1, absl::StrCat("%c", id));
      statement.body.push_back(Line(line));
      if (Chance(50)) statement.body.push_back(Instruction());
    }
    statement.tail = {absl::StrCat("END", id, ":"), "bar.warp.sync 0xffffffff;"};
    return statement;
  }

  Statement Loop(Context context) {
    const uint32_t id = next_id_++;
    Statement statement;
    std::string bound = absl::StrCat(1 + Below(3));
    const bool leaves = Chance(40);
    if (!context.together || Chance(50)) {
      // Each thread has its own number of rounds.
      statement.head = {absl::StrCat("and.b32 %c", id, ", ", Register('b'), ", 3;"),
                        absl::StrCat("sub.s32 %c", id, ", 0, %c", id, ";")};
      bound = "1";
      context.together = false;
    } else {
      statement.head = {absl::StrCat("mov.u32 %c", id, ", 0;")};
    }
    if (leaves) context.together = false;
    ++context.depth;
    context.divergent_loop = context.together ? -1 : static_cast<int>(id);
    statement.head.push_back(absl::StrCat("LOOP", id, ":"));
    statement.body = Statements(context, 1 + Below(3));
    statement.tail = {absl::StrCat("NEXT", id, ":"), absl::StrCat("add.s32 %c", id, ", %c", id, ", 1;"),
                      absl::StrCat("setp.lt.s32 %q", id, ", %c", id, ", ", bound, ";"),
                      absl::StrCat("@%q", id, " bra LOOP", id, ";"), absl::StrCat("END", id, ":")};
    return statement;
  }

  Statement Leave(const Context& context) {
    return Line(absl::StrCat("@", Chance(50) ? "!" : "", Register('p'), " bra ", Chance(70) ? "END" : "NEXT",
                             context.divergent_loop, ";"));
  }

  // brx.idx: one of several ways, by the data.
  Statement Switch(Context context) {
    const uint32_t id = next_id_++;
    context.together = false;
    ++context.depth;
    Statement statement;
    statement.head = {
        absl::StrCat("WAYS", id, ": .branchtargets CASE", id, "_0, CASE", id, "_1, END", id, ";"),
        absl::StrCat("rem.u32 %s0, ", Register('b'), ", 3;"), absl::StrCat("brx.idx %s0, WAYS", id, ";"),
        absl::StrCat("CASE", id, "_0:")};
    statement.body = Statements(context, 1 + Below(3));
    statement.middle = {Chance(70) ? absl::StrCat("bra END", id, ";") : "", absl::StrCat("CASE", id, "_1:")};
    statement.other = Statements(context, 1 + Below(3));
    statement.tail = {absl::StrCat("END", id, ":")};
    return statement;
  }

  Statement Call() {
    const uint32_t callee = Below(callable_);
    Statement statement;
    statement.head = {"{",
                      ".param .b32 a0;",
                      ".param .b64 a1;",
                      ".param .f32 a2;",
                      ".param .b64 r0;",
                      absl::StrCat("st.param.b32 [a0], ", Register('b'), ";"),
                      absl::StrCat("st.param.b64 [a1], ", Register('l'), ";"),
                      absl::StrCat("st.param.f32 [a2], ", Register('f'), ";"),
                      absl::StrCat("call.uni (r0), callee", callee, "@@, (a0, a1, a2);"),
                      absl::StrCat("ld.param.b64 ", Register('l'), ", [r0];"),
                      "}"};
    if (Chance(50)) statement.head[8].replace(0, 8, "call");
    return statement;
  }

  Statement MakeStatement(const Context& context) {
    const uint32_t kind = Below(100);
    if (kind < 14 && context.depth < 2) {
      if (kind < 7) return If(context);
      if (kind < 12) return Loop(context);
      return Switch(context);
    }
    if (kind < 18) return PrivateMemory(context);
    if (kind < 20 && context.divergent_loop >= 0) return Leave(context);
    if (context.is_kernel) {
      if (kind < 24) return LoadInput();
      if (kind < 26) return PrivateAtomic();
      if (context.together) {
        if (kind < 32) return Together();
        if (kind < 35) return Exchange();
        if (kind < 37) return MaskedRegion();
        if (kind < 38) return SharedAtomic();
      }
    }
    if (kind < 42) return Carry();
    if (kind < 44 && callable_ != 0) return Call();
    return Instruction();
  }

  std::vector<Statement> Statements(const Context& context, uint32_t count) {
    std::vector<Statement> statements;
    for (uint32_t i = 0; i < count; ++i) statements.push_back(MakeStatement(context));
    return statements;
  }

  // ---- Functions ----

  std::string Declarations() {
    std::string text;
    for (const RegisterClass& c : kClasses)
      absl::StrAppend(&text, "\t.reg ", c.type, " %", std::string(1, c.name), "<", c.count, ">;\n");
    absl::StrAppend(&text,
                    "\t.reg .b32 %s0, %s1, %thread, %block, %mine, %slots;\n\t.reg .b64 %s2, %s3, %in, "
                    "%out;\n\t.reg .b16 %t0, %t1;\n",
                    "\t.reg .pred %q<", next_id_ + 1, ">;\n\t.reg .b32 %c<", next_id_ + 1,
                    ">;\n\t.reg .pred %nan;\n", "\t.local .align 16 .b8 memory[", kLocalBytes, "];\n");
    return text;
  }

  // Replaces a NaN by the canonical one of its type.
  static std::string Canonical(const RegisterClass& c, const std::string& reg) {
    const std::string_view type = c.canonical;
    if (type == "f32")
      return absl::StrCat("\ttestp.notanumber.f32 %nan, ", reg, ";\n\tselp.f32 ", reg, ", 0f7FFFFFFF, ", reg,
                          ", %nan;\n");
    if (type == "f64")
      return absl::StrCat("\ttestp.notanumber.f64 %nan, ", reg, ";\n\tselp.f64 ", reg,
                          ", 0d7FF8000000000000, ", reg, ", %nan;\n");
    return absl::StrCat("\tsetp.nan.", c.canonical, " %nan, ", reg, ", ", reg, ";\n\tselp.b16 ", reg,
                        ", 0x7fff, ", reg, ", %nan;\n");
  }

  Function MakeKernel() {
    Function kernel;
    kernel.body = Statements(Context{}, 4 + Below(14));
    std::string& begin = kernel.begin;
    begin = absl::StrCat(
        ".shared .align 16 .b8 shared@@[", threads_ * kSharedBytesPerThread,
        "];\n.shared .align 16 .b8 counters@@[32];\n",
        ".visible .entry k@@(.param .u64 out_parameter, .param .u64 in_parameter)\n{\n", Declarations(),
        "\tld.param.u64 %out, [out_parameter];\n\tld.param.u64 %in, [in_parameter];\n",
        "\tmov.u32 %thread, %tid.x;\n\tmov.u32 %block, %ctaid.x;\n\tmov.u32 %s0, %ntid.x;\n",
        "\tmad.lo.u32 %s1, %block, %s0, %thread;\n\tmul.wide.u32 %s2, %s1, ", kOutputBytesPerThread,
        ";\n\tadd.u64 %out, %out, %s2;\n\tmov.u32 %slots, shared@@;\n\tmad.lo.u32 %mine, %thread, ",
        kSharedBytesPerThread, ", %slots;\n");
    // Clear the memory of the thread, then read the registers at places that depend on the thread.
    begin += "\tmov.u64 %l0, 0;\n";
    for (uint32_t i = 0; i < kSharedBytesPerThread; i += 8)
      absl::StrAppend(&begin, "\tst.shared.b64 [%mine+", i, "], %l0;\n");
    for (uint32_t i = 0; i < kLocalBytes; i += 8)
      absl::StrAppend(&begin, "\tst.local.b64 [memory+", i, "], %l0;\n");
    for (uint32_t i = 0; i < 32; i += 8)
      absl::StrAppend(&begin, "\tst.shared.b64 [counters@@+", i, "], %l0;\n");
    absl::StrAppend(&begin, "\tbar.sync 0;\n\tmad.lo.u32 %s0, %s1, 24, ", 8 * Below(64),
                    ";\n\tand.b32 %s0, %s0, ", kInputBytes / 2 - 8,
                    ";\n\tcvt.u64.u32 %s2, %s0;\n\tadd.u64 %s2, %s2, %in;\n");
    for (const RegisterClass& c : kClasses) {
      for (uint32_t i = 0; i < c.count; ++i) {
        const std::string reg = absl::StrCat("%", std::string(1, c.name), i);
        if (c.name == 'p') {
          absl::StrAppend(&begin, "\tsetp.gt.s32 ", reg, ", %b", i, ", %b", i + 1, ";\n");
          continue;
        }
        const std::string type = c.name == 'f'   ? "f32"
                                 : c.name == 'd' ? "f64"
                                                 : absl::StrCat("b", 8 * c.size_bytes);
        absl::StrAppend(&begin, "\tld.global.", type, " ", reg, ", [%s2+", 8 * Below(kInputBytes / 16),
                        "];\n");
      }
    }
    std::string& end = kernel.end;
    uint32_t offset = 0;
    for (const RegisterClass& c : kClasses) {
      for (uint32_t i = 0; i < c.count; ++i) {
        std::string reg = absl::StrCat("%", std::string(1, c.name), i);
        const uint32_t size = c.name == 'p' ? 4 : c.size_bytes;
        if (c.canonical != nullptr) end += Canonical(c, reg);
        if (c.name == 'p') {
          absl::StrAppend(&end, "\tselp.b32 %s0, 1, 0, ", reg, ";\n");
          reg = "%s0";
        } else if (c.name == 'x') {
          absl::StrAppend(&end, "\tmov.b32 {%t0, %t1}, ", reg, ";\n", Canonical(ClassOf('e'), "%t0"),
                          Canonical(ClassOf('e'), "%t1"), "\tmov.b32 ", reg, ", {%t0, %t1};\n");
        }
        const std::string type = c.name == 'f' ? "f32" : c.name == 'd' ? "f64" : absl::StrCat("b", 8 * size);
        offset = (offset + size - 1) / size * size;
        absl::StrAppend(&end, "\tst.global.", type, " [%out+", offset, "], ", reg, ";\n");
        offset += size;
      }
    }
    end += "\tret;\n}\n";
    return kernel;
  }

  Function MakeFunction(uint32_t number) {
    Context context;
    context.is_kernel = false;
    context.together = false;
    Function function;
    function.body = Statements(context, 2 + Below(4));
    function.begin = absl::StrCat(".func (.param .b64 result) callee", number,
                                  "@@(.param .b32 a, .param .b64 b, .param .f32 c)\n{\n", Declarations(),
                                  "\tmov.u64 %l0, 0;\n");
    for (uint32_t i = 0; i < kLocalBytes; i += 8)
      absl::StrAppend(&function.begin, "\tst.local.b64 [memory+", i, "], %l0;\n");
    std::string& begin = function.begin;
    begin += "\tld.param.b32 %b0, [a];\n\tld.param.b64 %l0, [b];\n\tld.param.f32 %f0, [c];\n";
    for (const RegisterClass& c : kClasses) {
      for (uint32_t i = c.name == 'b' || c.name == 'l' || c.name == 'f' ? 1 : 0; i < c.count; ++i) {
        const std::string reg = absl::StrCat("%", std::string(1, c.name), i);
        switch (c.name) {
          case 'b':
            absl::StrAppend(&begin, "\tmad.lo.u32 ", reg, ", %b", i - 1, ", 1664525, 1013904223;\n");
            break;
          case 'l':
            absl::StrAppend(&begin, "\tmad.lo.u64 ", reg, ", %l", i - 1,
                            ", 2862933555777941757, 3037000493;\n");
            break;
          case 'f':
            absl::StrAppend(&begin, "\tfma.rn.f32 ", reg, ", %f", i - 1, ", 0fBF99999A, 0f40490FDB;\n");
            break;
          case 'd':
            absl::StrAppend(&begin, "\tcvt.rn.f64.s32 ", reg, ", %b", i, ";\n");
            break;
          case 'p':
            absl::StrAppend(&begin, "\tsetp.gt.s32 ", reg, ", %b", i, ", %b", i + 1, ";\n");
            break;
          case 'x':
            absl::StrAppend(&begin, "\tmov.b32 ", reg, ", %b", i, ";\n");
            break;
          default:
            absl::StrAppend(&begin, "\tcvt.u16.u32 ", reg, ", %b", i, ";\n");
        }
      }
    }
    std::string& end = function.end;
    end = Canonical(ClassOf('f'), "%f1") + Canonical(ClassOf('d'), "%d1");
    end +=
        "\tmov.b64 %s2, %d1;\n\txor.b64 %l1, %l1, %s2;\n\tmov.b32 %s0, %f1;\n\txor.b32 %b1, %b1, "
        "%s0;\n\tcvt.u64.u32 %s2, %b1;\n"
        "\txor.b64 %l1, %l1, %s2;\n\tst.param.b64 [result], %l1;\n\tret;\n}\n";
    return function;
  }

  std::mt19937_64 random_;
  uint32_t threads_ = 32;
  uint32_t callable_ = 0;  // functions made so far
  uint32_t next_id_ = 0;
};

}  // namespace

Program Generate(uint64_t seed) { return Generator(seed).Run(); }

}  // namespace tq::fuzz
