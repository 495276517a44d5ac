#include "tests/fuzz/differential/generator.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "tests/fuzz/differential/dice.h"
#include "tests/fuzz/differential/irregular.h"
#include "tests/fuzz/differential/together.h"

namespace tq::fuzz {
namespace {

constexpr uint32_t kLocalBytes = 32;
constexpr uint32_t kExitOffset = 152;

// Where a statement stands.
struct Context {
  bool together = true;  // all threads of the block are here
  uint32_t depth = 0;
  bool is_kernel = true;
  std::vector<uint32_t> divergent_loops;  // from outside in, whose ends `break` and `continue` may jump to
};

class Generator {
 public:
  explicit Generator(uint64_t seed) : dice_(seed) {}

  Program Run() {
    Program program;
    program.blocks = 1 + dice_.Below(2);
    constexpr Dim3 kWhole[] = {{32, 1, 1}, {64, 1, 1}, {96, 1, 1}, {128, 1, 1},
                               {32, 4, 1}, {16, 4, 1}, {8, 8, 2}};
    constexpr Dim3 kPartial[] = {{1, 1, 1},   {7, 1, 1},  {33, 1, 1}, {50, 1, 1},
                                 {100, 1, 1}, {40, 3, 1}, {5, 5, 3}};
    program.block = dice_.Chance(75) ? dice_.Pick(kWhole) : dice_.Pick(kPartial);
    shape_.threads = program.threads();
    shape_.is_row = program.block.y * program.block.z == 1;
    has_exits_ = dice_.Chance(30);
    shape_.is_whole = shape_.threads % 32 == 0 && !has_exits_;
    const uint32_t functions = dice_.Below(3);
    for (uint32_t i = 0; i < functions; ++i) {
      program.functions.push_back(MakeFunction(i));
      callable_ = i + 1;
    }
    program.functions.push_back(MakeKernel());
    return program;
  }

 private:
  // ---- Statements ----

  Statement Carry() {
    const bool add = dice_.Chance(50);
    Statement statement;
    if (dice_.Chance(25)) {
      statement.head = {dice_.Expand("mad.lo.cc.u32 $b, :b, :b, :b"),
                        dice_.Expand("madc.hi.u32 $b, :b, :b, :b")};
      return statement;
    }
    if (dice_.Chance(25)) {
      statement.head = {dice_.Expand(add ? "add.cc.<u64|s64> $l, :l, :l" : "sub.cc.<u64|s64> $l, :l, :l"),
                        dice_.Expand(add ? "addc.<u64|s64> $l, :l, :l" : "subc.<u64|s64> $l, :l, :l")};
      return statement;
    }
    statement.head.push_back(
        dice_.Expand(add ? "add.cc.<u32|s32> $b, :b, :b" : "sub.cc.<u32|s32> $b, :b, :b"));
    if (dice_.Chance(50))
      statement.head.push_back(dice_.Expand(add ? "addc.cc.u32 $b, :b, :b" : "subc.cc.u32 $b, :b, :b"));
    statement.head.push_back(dice_.Expand(add ? "addc.u32 $b, :b, :b" : "subc.u32 $b, :b, :b"));
    return statement;
  }

  // What an offset is masked with to stay inside `size_bytes` and aligned.
  static uint32_t OffsetMask(uint32_t size_bytes, const MemoryForm& form) {
    return (size_bytes - form.size_bytes) & ~(form.size_bytes - 1);
  }

  // A load of the input, at an offset that the data decides.
  Statement LoadInput() {
    const MemoryForm form = dice_.Pick(MemoryForms());
    Statement statement;
    statement.head.push_back(
        absl::StrCat("and.b32 %s0, ", dice_.Register('b'), ", ", OffsetMask(kInputBytes, form), ";"));
    statement.head.push_back("cvt.u64.u32 %s2, %s0;");
    statement.head.push_back("add.u64 %s2, %s2, %in;");
    std::string_view load = form.load;
    const std::string space = load.find("volatile") == load.npos && dice_.Chance(30) ? ".global.nc"
                              : dice_.Chance(70)                                     ? ".global"
                                                                                     : "";
    statement.head.push_back(dice_.Guard() + dice_.Access(load, space, "%s2"));
    return statement;
  }

  // Memory of the thread alone: local, its part of the output, or its part of shared memory.
  Statement PrivateMemory(const Context& context) {
    const MemoryForm form = dice_.Pick(MemoryForms());
    Statement statement;
    const uint32_t where = dice_.Below(context.is_kernel ? 3 : 1);
    const uint32_t size = where == 0 ? kLocalBytes : where == 1 ? 256 : kSharedBytesPerThread;
    statement.head.push_back(
        absl::StrCat("and.b32 %s0, ", dice_.Register('b'), ", ", OffsetMask(size, form), ";"));
    std::string space, address;
    if (where == 0) {
      statement.head.insert(statement.head.end(),
                            {"mov.u64 %s3, memory;", "cvt.u64.u32 %s2, %s0;", "add.u64 %s2, %s2, %s3;"});
      space = ".local";
      address = "%s2";
      if (dice_.Chance(20)) {
        statement.head.push_back("cvta.local.u64 %s2, %s2;");
        space = "";
      }
    } else if (where == 1) {
      statement.head.insert(statement.head.end(), {"cvt.u64.u32 %s2, %s0;", "add.u64 %s2, %s2, %out;"});
      space = dice_.Chance(80) ? ".global" : "";
      address = absl::StrCat("%s2+", kPrivateOffset);
    } else {
      statement.head.push_back("add.u32 %s0, %s0, %mine;");
      space = ".shared";
      address = "%s0";
    }
    statement.head.push_back(dice_.Guard() + dice_.Access(form.store, space, address));
    if (dice_.Chance(70)) statement.head.push_back(dice_.Guard() + dice_.Access(form.load, space, address));
    return statement;
  }

  // Arithmetic on two numbers at once.
  Statement Pair() {
    const auto two = [&] { return absl::StrCat("{", dice_.Register('f'), ", ", dice_.Register('f'), "}"); };
    Statement statement;
    statement.head = {
        absl::StrCat("mov.b64 %s2, ", two(), ";"), absl::StrCat("mov.b64 %s3, ", two(), ";"),
        dice_.Expand(dice_.Chance(50) ? "<add|sub|mul><.rn|.rz|.rm|.rp><|.ftz>.f32x2 %s2, %s2, %s3"
                                      : "fma.<rn|rz|rm|rp><|.ftz>.f32x2 %s2, %s2, %s3, %s2"),
        dice_.Expand("mov.b64 {$f, $f}, %s2")};
    return statement;
  }

  // Memory that is taken from the stack, and given back.
  Statement Stack() {
    const uint32_t size = 16 + 16 * dice_.Below(3);
    const std::string at = absl::StrCat("[%s2+", 8 * dice_.Below(size / 8), "]");
    Statement statement;
    statement.head = {"stacksave.u64 %s3;", absl::StrCat("alloca.u64 %s2, ", size, ", 16;")};
    for (uint32_t i = 0; i < size; i += 8)
      statement.head.push_back(absl::StrCat("st.local.b64 [%s2+", i, "], ", dice_.Register('l'), ";"));
    statement.head.push_back(
        absl::StrCat(dice_.Guard(), "st.local.b32 ", at, ", ", dice_.Register('b'), ";"));
    statement.head.push_back(absl::StrCat("ld.local.b64 ", dice_.Register('l'), ", ", at, ";"));
    statement.head.push_back("stackrestore.u64 %s3;");
    return statement;
  }

  // Atomics on memory of the thread alone, so that what they return is defined.
  Statement PrivateAtomic() {
    static constexpr const char* kForms[] = {
        "atom.S.<add|min|max>.u32 $b, [A], :b",     "atom.S.<min|max>.s32 $b, [A], :b",
        "atom.S.<and|or|xor|exch>.b32 $b, [A], :b", "atom.S.<inc|dec>.u32 $b, [A], :b",
        "atom.S.cas.b32 $b, [A], :b, :b",           "atom.S.<add|min|max>.u64 $l, [A], :l",
        "atom.S.<and|or|xor|exch>.b64 $l, [A], :l", "atom.S.cas.b64 $l, [A], :l, :l",
        "atom.S.<min|max>.s64 $l, [A], :l",         "atom.S.cas.b16 $h, [A], :h, :h",
        "red.S.<add|min|max>.u32 [A], :b",          "red.S.<and|or|xor>.b32 [A], :b",
    };
    const std::string form = dice_.Pick(kForms);
    Statement statement;
    if (dice_.Chance(50)) {
      statement.head.push_back(dice_.Guard() +
                               dice_.Access(form, ".shared", absl::StrCat("%mine+", 8 * dice_.Below(4))));
    } else {
      statement.head.push_back(
          dice_.Guard() +
          dice_.Access(form, ".global", absl::StrCat("%out+", kPrivateOffset + 8 * dice_.Below(32))));
    }
    return statement;
  }

  Statement If(Context context) {
    const uint32_t id = dice_.NewId();
    Statement statement;
    std::string predicate = dice_.Register('p');
    if (context.together && dice_.Chance(40)) {
      // The block's number decides for all its threads alike.
      statement.head.push_back(absl::StrCat("setp.eq.u32 %q", id, ", %block, ", dice_.Below(2), ";"));
      predicate = absl::StrCat("%q", id);
    } else {
      context.together = false;
    }
    ++context.depth;
    statement.head.push_back(absl::StrCat("@", dice_.Chance(50) ? "!" : "", predicate, " bra ELSE", id, ";"));
    statement.body = Statements(context, 1 + dice_.Below(3));
    if (dice_.Chance(50)) {
      statement.middle = {absl::StrCat("bra END", id, ";"), absl::StrCat("ELSE", id, ":")};
      statement.other = Statements(context, 1 + dice_.Below(4));
      statement.tail = {absl::StrCat("END", id, ":")};
    } else {
      statement.tail = {absl::StrCat("ELSE", id, ":")};
    }
    return statement;
  }

  Statement Loop(Context context) {
    const uint32_t id = dice_.NewId();
    Statement statement;
    std::string bound = absl::StrCat(1 + dice_.Below(3));
    const bool leaves = dice_.Chance(40);
    if (!context.together || dice_.Chance(50)) {
      // Each thread has its own number of rounds.
      statement.head = {absl::StrCat("and.b32 %c", id, ", ", dice_.Register('b'), ", 3;"),
                        absl::StrCat("sub.s32 %c", id, ", 0, %c", id, ";")};
      bound = "1";
      context.together = false;
    } else {
      statement.head = {absl::StrCat("mov.u32 %c", id, ", 0;")};
      if (dice_.Chance(50)) {
        // All threads have the same number of rounds, which the data decides.
        statement.head = {absl::StrCat("bar.red.popc.u32 %c", id, ", 0, ", dice_.Register('p'), ";"),
                          absl::StrCat("and.b32 %c", id, ", %c", id, ", 3;"),
                          absl::StrCat("sub.s32 %c", id, ", 0, %c", id, ";")};
        bound = "1";
      }
    }
    if (leaves) context.together = false;
    ++context.depth;
    if (context.together) {
      context.divergent_loops.clear();
    } else {
      context.divergent_loops.push_back(id);
    }
    statement.head.push_back(absl::StrCat("LOOP", id, ":"));
    statement.body = Statements(context, 1 + dice_.Below(3));
    statement.tail = {absl::StrCat("NEXT", id, ":"), absl::StrCat("add.s32 %c", id, ", %c", id, ", 1;"),
                      absl::StrCat("setp.lt.s32 %q", id, ", %c", id, ", ", bound, ";"),
                      absl::StrCat("@%q", id, " bra LOOP", id, ";"), absl::StrCat("END", id, ":")};
    return statement;
  }

  // Out of the innermost loop, or of one further out; or on to its next turn.
  Statement Leave(const Context& context) {
    const auto count = static_cast<uint32_t>(context.divergent_loops.size());
    const uint32_t loop = context.divergent_loops[dice_.Chance(60) ? count - 1 : dice_.Below(count)];
    return Line(absl::StrCat("@", dice_.Chance(50) ? "!" : "", dice_.Register('p'), " bra ",
                             dice_.Chance(70) ? "END" : "NEXT", loop, ";"));
  }

  // The thread ends here, and says where.
  Statement Exit() {
    const uint32_t id = dice_.NewId();
    const std::string guard = absl::StrCat("@", dice_.Chance(50) ? "!" : "", dice_.Register('p'), " ");
    Statement statement;
    statement.head = {absl::StrCat(guard, "st.global.b32 [%out+", kExitOffset, "], ", id + 1, ";"),
                      absl::StrCat(guard, dice_.Chance(50) ? "exit;" : "ret;")};
    return statement;
  }

  // brx.idx: one of several ways, by the data.
  Statement Switch(Context context) {
    const uint32_t id = dice_.NewId();
    context.together = false;
    ++context.depth;
    Statement statement;
    statement.head = {
        absl::StrCat("WAYS", id, ": .branchtargets CASE", id, "_0, CASE", id, "_1, END", id, ";"),
        absl::StrCat("rem.u32 %s0, ", dice_.Register('b'), ", 3;"),
        absl::StrCat("brx.idx %s0, WAYS", id, ";"), absl::StrCat("CASE", id, "_0:")};
    statement.body = Statements(context, 1 + dice_.Below(3));
    statement.middle = {dice_.Chance(70) ? absl::StrCat("bra END", id, ";") : "",
                        absl::StrCat("CASE", id, "_1:")};
    statement.other = Statements(context, 1 + dice_.Below(3));
    statement.tail = {absl::StrCat("END", id, ":")};
    return statement;
  }

  Statement Call() {
    const uint32_t callee = dice_.Below(callable_);
    Statement statement;
    statement.head = {"{",
                      ".param .b32 a0;",
                      ".param .b64 a1;",
                      ".param .f32 a2;",
                      ".param .b64 r0;",
                      absl::StrCat("st.param.b32 [a0], ", dice_.Register('b'), ";"),
                      absl::StrCat("st.param.b64 [a1], ", dice_.Register('l'), ";"),
                      absl::StrCat("st.param.f32 [a2], ", dice_.Register('f'), ";"),
                      absl::StrCat("call.uni (r0), callee", callee, "@@, (a0, a1, a2);"),
                      absl::StrCat("ld.param.b64 ", dice_.Register('l'), ", [r0];"),
                      "}"};
    if (dice_.Chance(50)) statement.head[8].replace(0, 8, "call");
    if (dice_.Chance(30)) {
      // Through a pointer, to a function that each thread chooses.
      const uint32_t id = dice_.NewId();
      statement.head[8] = absl::StrCat("call (r0), %s3, (a0, a1, a2), KIND", id, ";");
      statement.head.insert(
          statement.head.begin(),
          {absl::StrCat("KIND", id,
                        ": .callprototype (.param .b64 _) _ (.param .b32 _, .param .b64 _, .param .f32 _);"),
           absl::StrCat("mov.u64 %s2, callee", callee, "@@;"),
           absl::StrCat("mov.u64 %s3, callee", dice_.Below(callable_), "@@;"),
           absl::StrCat("selp.b64 %s3, %s2, %s3, ", dice_.Register('p'), ";")});
    }
    return statement;
  }

  Statement MakeStatement(const Context& context) {
    const uint32_t kind = dice_.Below(100);
    if (kind < 14 && context.depth < 2) {
      if (kind < 7) return If(context);
      if (kind < 12) return Loop(context);
      return Switch(context);
    }
    if (kind < 18) return PrivateMemory(context);
    if (kind < 20 && !context.divergent_loops.empty()) return Leave(context);
    if (kind < 21 && context.depth < 2) {
      constexpr Jumps kJumps[] = {Jumps::kForward, Jumps::kToFirst, Jumps::kToFirst, Jumps::kAnywhere};
      return Irregular(dice_, dice_.Pick(kJumps));
    }
    if (context.is_kernel) {
      if (kind < 23) return LoadInput();
      if (kind < 26) return LoadPattern(dice_, shape_);
      if (kind < 28) return PrivateAtomic();
      if (kind < 29 && has_exits_) return Exit();
      if (context.together) {
        if (kind < 33) return Together(dice_);
        if (kind < 35) return Exchange(dice_, shape_);
        if (kind < 38) return MaskedRegion(dice_);
        if (kind < 39) return SharedAtomic(dice_);
        if (kind < 40) return GlobalAtomic(dice_);
        if (kind < 41) return Tile(dice_, shape_);
        if (kind < 42 && shape_.is_whole) return NamedBarrier(dice_, shape_);
        if (kind < 43 && dice_.Chance(30)) return AcrossABranch(dice_);
      }
    }
    if (kind < 44) return Carry();
    if (kind < 46 && callable_ != 0) return Call();
    if (kind < 47) return dice_.Chance(70) ? Pair() : Stack();
    return dice_.Instruction();
  }

  std::vector<Statement> Statements(const Context& context, uint32_t count) {
    std::vector<Statement> statements;
    for (uint32_t i = 0; i < count; ++i) statements.push_back(MakeStatement(context));
    return statements;
  }

  // ---- Functions ----

  std::string Declarations() {
    std::string text;
    for (const RegisterClass& c : RegisterClasses())
      absl::StrAppend(&text, "\t.reg ", c.type, " %", std::string(1, c.name), "<", c.count, ">;\n");
    absl::StrAppend(&text,
                    "\t.reg .b32 %s0, %s1, %thread, %block, %mine, %slots, %u;\n\t.reg .b64 %s2, %s3, %in, "
                    "%out, %first;\n\t.reg .b16 %t0, %t1;\n",
                    "\t.reg .pred %q<", dice_.id_count() + 1, ">;\n\t.reg .b32 %c<", dice_.id_count() + 1,
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

  // The thread's number in the block.
  std::string Linear() {
    if (dice_.Chance(50) && shape_.is_row) return "\tmov.u32 %thread, %tid.x;\n";
    return "\tmov.u32 %s0, %tid.z;\n\tmov.u32 %s1, %ntid.y;\n\tmul.lo.u32 %s0, %s0, %s1;\n"
           "\tmov.u32 %s1, %tid.y;\n\tadd.u32 %s0, %s0, %s1;\n\tmov.u32 %s1, %ntid.x;\n"
           "\tmov.u32 %thread, %tid.x;\n\tmad.lo.u32 %thread, %s0, %s1, %thread;\n";
  }

  Function MakeKernel() {
    Function kernel;
    kernel.body = Statements(Context{}, 4 + dice_.Below(14));
    std::string& begin = kernel.begin;
    begin = absl::StrCat(
        ".shared .align 16 .b8 shared@@[", shape_.threads * kSharedBytesPerThread,
        "];\n.shared .align 16 .b8 counters@@[32];\n",
        ".visible .entry k@@(.param .u64 out_parameter, .param .u64 in_parameter)\n{\n", Declarations(),
        "\tld.param.u64 %out, [out_parameter];\n\tld.param.u64 %in, [in_parameter];\n", Linear(),
        "\tmov.u32 %block, %ctaid.x;\n\tmad.lo.u32 %s1, %block, ", shape_.threads,
        ", %thread;\n\tmul.wide.u32 %s2, %s1, ", kOutputBytesPerThread, ";\n\tmul.wide.u32 %s3, %block, ",
        shape_.threads * kOutputBytesPerThread,
        ";\n\tadd.u64 %first, %out, %s3;\n\tadd.u64 %out, %out, %s2;\n\tmov.u32 %slots, shared@@;\n",
        "\tmad.lo.u32 %mine, %thread, ", kSharedBytesPerThread, ", %slots;\n\tld.global.b32 %u, [%in+",
        4 * dice_.Below(kInputBytes / 4), "];\n");
    // Clear the memory of the thread, then read the registers at places that depend on the thread.
    begin += "\tmov.u64 %l0, 0;\n";
    for (uint32_t i = 0; i < kSharedBytesPerThread; i += 8)
      absl::StrAppend(&begin, "\tst.shared.b64 [%mine+", i, "], %l0;\n");
    for (uint32_t i = 0; i < kLocalBytes; i += 8)
      absl::StrAppend(&begin, "\tst.local.b64 [memory+", i, "], %l0;\n");
    for (uint32_t i = 0; i < 32; i += 8)
      absl::StrAppend(&begin, "\tst.shared.b64 [counters@@+", i, "], %l0;\n");
    absl::StrAppend(&begin, "\tbar.sync 0;\n\tmad.lo.u32 %s0, %s1, 24, ", 8 * dice_.Below(64),
                    ";\n\tand.b32 %s0, %s0, ", kInputBytes / 2 - 8,
                    ";\n\tcvt.u64.u32 %s2, %s0;\n\tadd.u64 %s2, %s2, %in;\n");
    for (const RegisterClass& c : RegisterClasses()) {
      for (uint32_t i = 0; i < c.count; ++i) {
        const std::string reg = absl::StrCat("%", std::string(1, c.name), i);
        if (c.name == 'p') {
          absl::StrAppend(&begin, "\tsetp.gt.s32 ", reg, ", %b", i, ", %b", i + 1, ";\n");
          continue;
        }
        const std::string type = c.name == 'f'   ? "f32"
                                 : c.name == 'd' ? "f64"
                                                 : absl::StrCat("b", 8 * c.size_bytes);
        absl::StrAppend(&begin, "\tld.global.", type, " ", reg, ", [%s2+", 8 * dice_.Below(kInputBytes / 16),
                        "];\n");
      }
    }
    std::string& end = kernel.end;
    uint32_t offset = 0;
    for (const RegisterClass& c : RegisterClasses()) {
      for (uint32_t i = 0; i < c.count; ++i) {
        std::string reg = absl::StrCat("%", std::string(1, c.name), i);
        const uint32_t size = c.name == 'p' ? 4 : c.size_bytes;
        if (c.canonical != nullptr) end += Canonical(c, reg);
        if (c.name == 'p') {
          absl::StrAppend(&end, "\tselp.b32 %s0, 1, 0, ", reg, ";\n");
          reg = "%s0";
        } else if (c.name == 'x' || c.name == 'y') {
          const RegisterClass& half = ClassOf(c.name == 'x' ? 'e' : 'z');
          absl::StrAppend(&end, "\tmov.b32 {%t0, %t1}, ", reg, ";\n", Canonical(half, "%t0"),
                          Canonical(half, "%t1"), "\tmov.b32 ", reg, ", {%t0, %t1};\n");
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
    function.body = Statements(context, 2 + dice_.Below(4));
    function.begin = absl::StrCat(".func (.param .b64 result) callee", number,
                                  "@@(.param .b32 a, .param .b64 b, .param .f32 c)\n{\n", Declarations(),
                                  "\tmov.u64 %l0, 0;\n");
    for (uint32_t i = 0; i < kLocalBytes; i += 8)
      absl::StrAppend(&function.begin, "\tst.local.b64 [memory+", i, "], %l0;\n");
    std::string& begin = function.begin;
    begin += "\tld.param.b32 %b0, [a];\n\tld.param.b64 %l0, [b];\n\tld.param.f32 %f0, [c];\n";
    for (const RegisterClass& c : RegisterClasses()) {
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
          case 'y':
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

  Dice dice_;
  Shape shape_;
  bool has_exits_ = false;  // threads may end early
  uint32_t callable_ = 0;   // functions made so far
};

}  // namespace

Program Generate(uint64_t seed) { return Generator(seed).Run(); }

}  // namespace tq::fuzz
