// Classes of the PTX instruction table. One file per chapter of the PTX ISA manual holds the records; ptx.td
// includes them all; render.py turns them into isa/isa.h, its tables, the lists for compiler/lower and
// compiler/devicelib, and docs/ptx-coverage.md.
//
// Syntax is the manual's, with two marks of our own: a slot is written <name> and a literal bare, so that a
// misspelt slot is an error of render.py and never silently a literal.
//   add{.<rnd>}{.ftz}{.sat}.f32 d, a, b
// Modifiers: `.<slot>` one of the slot's suffixes, `.word` a literal, `{...}` may be left out. `{.ftz}` makes
// a slot `ftz` with one suffix. A form without a <type> slot and with exactly one required literal that is a
// type has it as its <type> slot.
// Operands: `a` value, `[a]` memory, `[a, c]` tensor reference (texture, tensor map), `d{|p}` a pair whose
// second half may be left out, `{!}c` a predicate that may be negated, `{, b}` may be left out, `(x)` a list
// of a call.
// Operands named d, p, q and ret are destinations.
// A form may take spellings that ptxas refuses, where their meaning is plain.

// A slot's suffixes. A record's own list overrides the default of that name in suffixes.td.
class OneOf<string name, list<string> choices> {
  string Name = name;
  list<string> Choices = choices;
}
class DefaultSlot<string name, list<string> choices> : OneOf<name, choices>;

class Trait<string name> { string Name = name; }
// The result depends on the operands alone: it may be removed, moved, repeated.
def Pure : Trait<"Pure">;
// Which lanes execute it together matters.
def Convergent : Trait<"Convergent">;
def ReadsMemory : Trait<"ReadsMemory">;
def WritesMemory : Trait<"WritesMemory">;
def Atomic : Trait<"Atomic">;
// Orders memory accesses.
def Fence : Trait<"Fence">;
// Waits for other threads of the block or cluster.
def Barrier : Trait<"Barrier">;
// Exchanges values between lanes of the warp.
def Exchanges : Trait<"Exchanges">;
// The result may stay the same until another thread runs: a loop on it must yield.
def Spins : Trait<"Spins">;
// .ftz flushes subnormal operands and results; .rnd is the rounding.
def RoundsFp : Trait<"RoundsFp">;
// Float .sat clamps the result to [0, 1], NaN to +0.
def Saturates : Trait<"Saturates">;
// Writes, reads CC.CF.
def SetsCarry : Trait<"SetsCarry">;
def UsesCarry : Trait<"UsesCarry">;
// Control may not come back to the next instruction.
def Terminator : Trait<"Terminator">;
// Goes to a label.
def Branch : Trait<"Branch">;
def Call : Trait<"Call">;
// Registers may be wider than the instruction type (manual, "Operand Size Exceeding Instruction-Type Size").
def Relaxed : Trait<"Relaxed">;
// Reads something that changes by itself: clocks, masks of live lanes.
def Volatile : Trait<"Volatile">;
// Video: operands take .b0 .h1 ... byte and half selectors.
def Selectors : Trait<"Selectors">;

// types: exceptions to the rule for operand types, "name:type name:type ...". The rule: operand x has the
// type of slot <xtype>, else that of <type>. A type is
//   u32 ...             fixed            <slot>   of that slot     2x<slot>  twice as wide
//   vec<slot>, vec.f32  a vector { } of registers, or one register; vec4<slot>, vec4.f32  of just so many;
//   vec(shape/2).f32, vec(num*4).b32  of as many as the suffix of a slot says: n of m64n128k16, the number that ends x32
//   imm  integer constant     address  register or variable     label, targets, pred, any
// with ~ in front: any register at least as wide. Memory operands take their space from slot <space>, from
// "a:space<slot>" or "a:shared"; generic otherwise.
//
// lower: how compiler/lower translates the form.
//   op:add          LLVM instruction, on operands in order
//   llvm.ctpop      intrinsic, overloaded on the result type
//   call:tq_f_<s>   devicelib function; <s> is the slot's suffix; `_<s>` vanishes when the slot is empty
//   custom:Load     handler LowerLoad of compiler/lower; a missing one fails to link
//   ""              known, not supported yet
// Around op:, llvm. and call: the dispatch applies .ftz (RoundsFp) and .sat (Saturates).
//
// ref: a C expression over operand names for the scalar meaning; generated tests compare against it.
class Form<string syntax, list<OneOf> slots = [], string lower = "", string types = "", string ref = "",
           int since = 0, int sm = 0, list<Trait> traits = []> {
  string Syntax = syntax;
  list<OneOf> Slots = slots;
  string Lower = lower;
  string Types = types;
  string Ref = ref;
  int Since = since;  // 86: PTX 8.6; 0: as the instruction
  int Sm = sm;        // 0: as the instruction
  list<Trait> Traits = traits;  // besides the instruction's
}

class Instruction<string section, list<Trait> traits, list<Form> forms, int since = 10, int sm = 10> {
  string Section = section;  // anchor in the PTX ISA manual
  list<Trait> Traits = traits;
  list<Form> Forms = forms;
  int Since = since;
  int Sm = sm;
}

// %tid: vector 4, %clock: vector 1.
class SpecialRegister<string name, string type, int vector = 1, int since = 10, int count = 0> {
  string Name = name;
  string Type = type;
  int Vector = vector;
  int Since = since;
  int Count = count;  // %pm0..%pm7: 8 registers named with a number
}
