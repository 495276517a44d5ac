// A PTX module as the parser leaves it: resolved names, checked forms, no lowering decisions. One Instruction
// is one line of PTX. Forms, opcodes, slots and suffixes come from the instruction table (compiler/isa/*.td);
// a pass asks the table (`GetForm(inst.form)`) and never switches over opcodes.
//
// Ownership: Module owns everything; pointers between nodes are to objects of the same Module and stable.
// Not thread-safe; different modules are independent.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/types.h"
#include "isa/isa.h"  // generated: Opcode, FormId, Slot, Suffix, SpecialRegister, GetForm()

namespace tq::ptx {

// Position in the PTX text given to the parser. Lines keep the numbering of the whole module even when only
// some of its functions are parsed (see Chunk in parse/parser.h).
struct Location {
  uint32_t line = 0;    // from 1; 0: unknown
  uint32_t column = 0;  // from 1
};

// `.loc`: where in the program's source a PTX line came from (PTX ISA, "Debugging Directives: .loc").
struct SourceLocation {
  uint32_t file = 0;  // index of `.file`; 0: none
  uint32_t line = 0;
  uint32_t column = 0;
};

struct Function;
struct Variable;
struct Block;
struct Prototype;
struct TargetList;

// A virtual register: `.reg .f32 %f<10>;` makes ten. Function-scoped after name resolution of nested { }
// scopes.
struct Register {
  std::string name;
  Type type = Type::kNone;
  uint8_t vector = 1;  // `.reg .v4 .f32`: 4
  uint32_t index = 0;  // position in Function::registers
};

// Initial contents of a variable, or of part of it: either raw bytes or the address of a symbol.
struct Relocation {
  uint64_t offset_bytes = 0;           // in the variable
  uint8_t size_bytes = 8;              // 4 or 8; with mask() 1
  const Variable* variable = nullptr;  // one of variable and function is set
  const Function* function = nullptr;
  int64_t addend = 0;
  bool generic = false;          // generic(var): address in the generic space, not in the variable's own
  uint64_t mask = ~uint64_t{0};  // mask() operator: which byte of the address
};

struct Variable {
  std::string name;
  Space space = Space::kGlobal;
  Type type = Type::kNone;  // element type; texref, samplerref and surfref included
  uint8_t vector = 1;
  std::vector<uint64_t> dims;  // empty: scalar; a 0 first element: unsized, as in `.extern .shared .b8 s[]`
  uint32_t align_bytes = 0;    // 0: natural
  uint64_t size_bytes = 0;     // whole variable; 0 when unsized
  Linkage linkage = Linkage::kInternal;
  bool managed = false;       // .attribute(.managed)
  std::vector<uint8_t> init;  // empty: zero; shorter than size_bytes: the rest is zero
  std::vector<Relocation> relocations;
  const Function* scope = nullptr;  // nullptr: module level
  // `.param` variables only. A pointer hint: `.param .u64 .ptr .global .align 16 p`.
  std::optional<Space> pointee_space;
  uint32_t pointee_align_bytes = 0;
  Location location;
};

// Part of a register that a video instruction takes or sets: `.b0`, `.h10`, `.b7531`.
struct Selector {
  char unit = 0;  // 'b' bytes, 'h' halves; 0: the whole register
  uint8_t count = 0;
  std::array<uint8_t, 4> lanes = {};  // as written, most significant first
};

struct Operand {
  enum class Kind : uint8_t {
    kNone,
    kRegister,  // reg, plus addend (negated: `!%p1`); element >= 0 selects .x .y .z .w of a vector register
    kSpecialRegister,  // special; element as above (%tid.x)
    kImmediate,        // bits, with immediate_kind
    kAddressOf,        // variable or function, plus addend: `mov.u64 %rd, buf+8`; also call targets
    kMemory,           // [base + addend]: base is reg, variable, or neither (absolute)
    kVector,           // {a, b, c, d}: elements
    kLabel,            // block
    kSink,             // `_`
    kTensor,           // [tex, {coords}] and [tensorMap, {coords}]: elements = base, coordinates vector
    kPair,             // p|q: elements = two destinations
    kPrototype,        // label of a .callprototype (prototype), .calltargets or .branchtargets (targets)
  };
  enum class ImmediateKind : uint8_t { kInteger, kFloat32Bits, kFloat64Bits };

  Kind kind = Kind::kNone;
  ImmediateKind immediate_kind = ImmediateKind::kInteger;
  bool negated = false;  // !%p as source; for kRegister predicates only
  int8_t element = -1;
  Selector selector;  // of reg; video instructions only
  const Register* reg = nullptr;
  SpecialRegister special = {};
  const Variable* variable = nullptr;
  const Function* function = nullptr;
  Block* block = nullptr;
  const Prototype* prototype = nullptr;
  const TargetList* targets = nullptr;
  uint64_t bits = 0;  // immediate; integers are sign-extended to 64 bits
  int64_t addend = 0;
  std::vector<Operand> elements;
  Location location;
};

struct Instruction {
  Opcode opcode = {};
  FormId form = {};
  // Chosen suffix of each slot of the form, or Suffix::kNone, in the order of GetForm(form).slots.
  std::array<Suffix, kMaxSlots> suffixes = {};
  const Register* guard = nullptr;  // @%p
  bool guard_negated = false;       // @!%p
  // One for each of GetForm(form).operands, in that order; kNone stands for one left out. call: see
  // CallOperands.
  std::vector<Operand> operands;
  Location location;
  SourceLocation source;

  // The suffix in the slot of that name, kNone when absent or when the form has no such slot.
  Suffix Get(Slot slot) const;
  bool Has(Slot slot) const { return Get(slot) != Suffix::kNone; }
  // The suffix of a type slot as a Type. Slot::kType is `<type>`, kDtype/kAtype/kBtype/kCtype/kStype as named
  // in the form.
  Type GetType(Slot slot) const;
};

// The devicelib function of a form whose LowerKind is kCall: `tq_bfe_<type>` with the instruction's suffixes
// filled in.
std::string LowerName(const Instruction& instruction);

// call (ret), target, (args), prototype: operands[0] = kVector of return parameters or kNone, [1] = target
// (kAddressOf or kRegister), [2] = kVector of arguments or kNone, [3] = kPrototype or kNone.
enum CallOperands : uint8_t { kCallResults, kCallTarget, kCallArguments, kCallPrototype };

// A straight-line run of instructions. Control may leave from the middle (guarded bra, ret, exit): lowering
// splits. A block ends where a label stands; falling off its end goes to the next block in Function::blocks.
struct Block {
  std::string label;  // empty for the entry and for fall-through blocks
  std::vector<Instruction> instructions;
  uint32_t index = 0;
};

struct Prototype {  // .callprototype
  std::string name;
  std::vector<Variable> results;  // 0 or 1
  std::vector<Variable> parameters;
  bool noreturn = false;
};

// `brx.idx` and indirect-call target lists (.branchtargets, .calltargets).
struct TargetList {
  std::string name;
  std::vector<Block*> blocks;
  std::vector<const Function*> functions;
};

struct Dim3 {
  uint32_t x = 0, y = 0, z = 0;  // all 0: not given
};

// .maxntid and friends (PTX ISA, "Performance-Tuning Directives").
struct KernelAttributes {
  Dim3 max_threads, required_threads, required_cluster;
  uint32_t min_blocks_per_sm = 0, max_registers = 0, max_cluster_rank = 0;
  bool explicit_cluster = false, blocks_are_clusters = false;
};

struct Function {
  std::string name;
  bool is_kernel = false;
  bool has_body = false;
  bool noreturn = false;
  Linkage linkage = Linkage::kInternal;
  const Function* alias = nullptr;    // `.alias`: a declaration that stands for this definition
  std::vector<Variable*> results;     // .func only; .param or .reg
  std::vector<Variable*> parameters;  // .param; of old PTX also .reg: then a register of the same name
  std::deque<Register> registers;
  std::deque<Variable> variables;  // parameters and body-scoped .local .shared .param .global .const
  std::deque<Block> blocks;        // blocks[0] is the entry
  std::deque<Prototype> prototypes;
  std::deque<TargetList> target_lists;
  KernelAttributes attributes;
  std::vector<std::string> pragmas;
  bool invalid = false;  // parser or verifier found an error in it (see Diagnostics): not to be compiled
  Location location;
};

struct Module {
  uint32_t version_major = 0, version_minor = 0;  // .version
  uint32_t target_sm = 0;                         // 80 for sm_80
  char target_variant = 0;                        // 'a' or 'f' of sm_90a, sm_100f; 0 otherwise
  bool texmode_independent = false, debug = false, map_f64_to_f32 = false;
  uint32_t address_size = 64;
  std::deque<Variable> variables;
  std::deque<Function> functions;
  std::vector<std::string> files;  // .file, by index; [0] unused
  bool invalid = false;            // an error outside of functions

  Function* FindFunction(std::string_view name);
  const Variable* FindVariable(std::string_view name) const;
};

}  // namespace tq::ptx
