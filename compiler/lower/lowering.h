// What an instruction handler works with. compiler/lower turns one ptx::Function into one llvm::Function of
// SIMT IR (compiler/simt/README.md); each chapter of the PTX ISA is one .cc file of handlers
//
//     void LowerFoo(FunctionLowering& f, const ptx::Instruction& inst);
//
// in namespace tq::lower, named by `Lower = "custom:Foo"` of the instruction's record. A handler reads
// operands with Read(), emits through ir() and writes the destination with Write(). It never sees the guard:
// @%p is applied around it. It may make blocks, and leaves ir() where execution goes on.
//
// A PTX register is a stack slot that mem2reg turns into SSA. Values have the LLVM type of the
// *instruction's* type (TypeOf): Read and Write apply PTX's relaxed rules for registers of another type or
// size (PTX ISA, "Operand Size Exceeding Instruction-Type Size").
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "compiler/index/host_calls.h"
#include "compiler/ir/module.h"
#include "compiler/simt/intrinsics.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/IR/IRBuilder.h"

namespace tq::lower {

class ModuleLowering;

// How a load or store behaves beyond its address.
struct Access {
  ptx::Space space = ptx::Space::kGeneric;
  uint64_t align_bytes = 1;  // that PTX requires; a pointer from Pointer() with the same figure is checked
  llvm::AtomicOrdering ordering = llvm::AtomicOrdering::NotAtomic;
  std::string_view scope = simt::kSystemScope;
  bool is_volatile = false;
  bool is_invariant = false;  // nothing writes it while the grid runs: kernel parameters
};

class FunctionLowering {
 public:
  FunctionLowering(ModuleLowering& module, const ptx::Function& source, llvm::Function* target);
  FunctionLowering(const FunctionLowering&) = delete;
  FunctionLowering& operator=(const FunctionLowering&) = delete;

  // Lowers the whole body. The first instruction that fails ends it.
  absl::Status Run();

  llvm::IRBuilder<>& ir() { return ir_; }
  llvm::LLVMContext& context() { return ir_.getContext(); }
  const ptx::Function& source() const { return source_; }
  ModuleLowering& module() { return module_; }

  // ---- Types ----
  // iN for .bN .uN .sN, i1 for .pred, half bfloat float double, <2 x half> and the like for packed types, iN
  // of the container for alternate formats.
  llvm::Type* TypeOf(ptx::Type type);
  llvm::IntegerType* BitsOf(ptx::Type type);  // the integer of that size
  llvm::Value* ToBits(llvm::Value* value);    // bitcast to the integer of that size
  llvm::Value* FromBits(llvm::Value* bits, ptx::Type type);

  // ---- Operands ----
  // The operand as a value of `type`. Wider registers are truncated; immediates are converted as PTX does (an
  // f64 literal in an f32 instruction is rounded). Registers, elements of vector registers, special
  // registers, immediates, addresses of variables and functions, `!p`; kSink and labels are errors.
  llvm::Value* Read(const ptx::Operand& operand, ptx::Type type);
  // The elements of {a, b, ..} each as `type`, or of a vector register; a scalar operand gives one.
  std::vector<llvm::Value*> ReadVector(const ptx::Operand& operand, ptx::Type type);
  // {a, b} of type .b32 as one .b64 and the like: `mov.b64 %rd, {%r0, %r1}`; a scalar operand is read as it
  // is.
  llvm::Value* ReadPacked(const ptx::Operand& operand, ptx::Type type);

  // Writes the register; a wider one is extended by the signedness of `type`. `_` drops the value.
  void Write(const ptx::Operand& operand, llvm::Value* value, ptx::Type type);
  void WriteVector(const ptx::Operand& operand, llvm::ArrayRef<llvm::Value*> values, ptx::Type type);
  void WritePacked(const ptx::Operand& operand, llvm::Value* value, ptx::Type type);
  // `d|p`: the first and second destination of a kPair; of a plain operand the operand itself and a sink.
  static const ptx::Operand& First(const ptx::Operand& operand);
  static const ptx::Operand& Second(const ptx::Operand& operand);

  // An instruction's operand with every type in one slot (Slot::kType), the usual case.
  llvm::Value* Source(const ptx::Instruction& inst, size_t index, ptx::Type type) {
    return Read(inst.operands[index], type);
  }

  // CC.CF, the carry of add.cc and friends; i1.
  llvm::Value* ReadCarry();
  void WriteCarry(llvm::Value* carry);

  // ---- Calls ----
  llvm::CallInst* Tq(simt::Intrinsic intrinsic, llvm::ArrayRef<llvm::Value*> arguments = {});
  // A C function of compiler/devicelib that computes its result from its arguments alone. f16, bf16, packed
  // types and predicates travel as unsigned integers (uint16_t, uint32_t; predicates as uint32_t 0 or 1).
  llvm::Value* Devicelib(std::string_view name, llvm::Type* result, llvm::ArrayRef<llvm::Value*> arguments);
  // One that reads or writes memory through pointers it is given.
  llvm::CallInst* DevicelibWithMemory(std::string_view name, llvm::Type* result,
                                      llvm::ArrayRef<llvm::Value*> arguments);
  llvm::Value* Llvm(llvm::Intrinsic::ID id, llvm::ArrayRef<llvm::Type*> overloads,
                    llvm::ArrayRef<llvm::Value*> arguments);

  // ---- Memory ----
  // The integer address that [base + addend] stands for, in `space`.
  llvm::Value* Address(const ptx::Operand& memory, ptx::Space space);
  // The same as a pointer of that space, raising TQ_CPU_FAULT_MISALIGNED_ADDRESS unless a multiple of
  // align_bytes. kGeneric takes a host address. Directly named .local and .param variables give a pointer to
  // their slot.
  llvm::Value* Pointer(const ptx::Operand& memory, ptx::Space space, uint64_t align_bytes);
  llvm::Value* PointerFromAddress(llvm::Value* address, ptx::Space space, uint64_t align_bytes);
  llvm::Value* Load(llvm::Value* pointer, llvm::Type* type, const Access& access);
  void Store(llvm::Value* pointer, llvm::Value* value, const Access& access);
  // Space-relative integer address -> generic one and back (cvta).
  llvm::Value* ToGeneric(llvm::Value* address, ptx::Space space);
  llvm::Value* FromGeneric(llvm::Value* address, ptx::Space space);
  llvm::SyncScope::ID Scope(std::string_view scope) { return context().getOrInsertSyncScopeID(scope); }

  // ---- Control ----
  llvm::BasicBlock* NewBlock(std::string_view name);
  llvm::BasicBlock* BlockOf(const ptx::Block* block);
  // Runs `then` when condition holds, and goes on behind it.
  template <typename Then>
  void If(llvm::Value* condition, Then then) {
    llvm::BasicBlock* taken = NewBlock("then");
    llvm::BasicBlock* next = NewBlock("next");
    ir_.CreateCondBr(condition, taken, next);
    ir_.SetInsertPoint(taken);
    then();
    ir_.CreateBr(next);
    ir_.SetInsertPoint(next);
  }
  // Ends the grid with a fault when condition holds; a cold branch.
  void FaultIf(llvm::Value* condition, uint32_t kind, llvm::Value* payload);
  // After a terminator was emitted: what follows is unreachable until the next label or the end of the guard.
  void StartUnreachable();
  // `ret`: with the .func's results, when it has any.
  void Return();
  void Call(const ptx::Instruction& inst);

  // ---- Errors ----
  // The instruction cannot be lowered: TQ_COMPILE_UNSUPPORTED with function, line and form. Lowering stops
  // behind the handler; it must still leave IR that holds together (write nothing, or poison).
  void Unsupported(const ptx::Instruction& inst, std::string_view why);
  void Invalid(const ptx::Instruction& inst, std::string_view why);  // TQ_COMPILE_INVALID_PTX
  bool failed() const { return !status_.ok(); }

 private:
  friend class ModuleLowering;
  llvm::AllocaInst* Slot(const ptx::Register& reg);
  llvm::Value* SlotElement(const ptx::Operand& operand);
  llvm::Value* ReadSpecial(const ptx::Operand& operand);
  llvm::Value* Immediate(const ptx::Operand& operand, ptx::Type type);
  llvm::Value* VariableAddress(const ptx::Variable& variable);
  llvm::Value* VariablePointer(const ptx::Variable& variable);
  llvm::Value* Convert(llvm::Value* value, ptx::Type from, ptx::Type to);
  llvm::AllocaInst* NewSlot(llvm::Type* type, uint64_t align_bytes, std::string_view name);
  void Lower(const ptx::Instruction& inst);
  void LowerGuarded(const ptx::Instruction& inst);
  void GatherLanes(const ptx::Instruction& inst);
  void EnterParameters();
  llvm::AllocaInst* ResultSlot(const ptx::Variable& result);
  llvm::Value* Argument(const ptx::Instruction& inst, const ptx::Operand& operand,
                        const ptx::Variable& parameter);
  llvm::Value* VectorArgument(const ptx::Instruction& inst, const ptx::Operand& operand,
                              const ptx::Variable& parameter);
  void Result(const ptx::Operand& operand, llvm::Value* value, const ptx::Variable& result);
  void CallHost(const ptx::Instruction& inst, ptx::HostCall function);
  void CallSystem(const ptx::Instruction& inst, simt::Intrinsic intrinsic);
  void SetLocation(const ptx::Location& location);
  void CheckAlignment(llvm::Value* address, llvm::Value* reported, uint64_t align_bytes);

  ModuleLowering& module_;
  const ptx::Function& source_;
  llvm::Function* const target_;
  llvm::IRBuilder<> ir_;
  llvm::BasicBlock* entry_ = nullptr;                                       // slots are allocated here
  std::vector<llvm::AllocaInst*> registers_;                                // by Register::index
  std::unordered_map<const ptx::Variable*, llvm::Value*> variables_;        // .param, .local: slot pointers
  std::unordered_map<const ptx::Variable*, llvm::Value*> result_pointers_;  // of .reg results among several
  std::unordered_map<const ptx::Block*, llvm::BasicBlock*> blocks_;
  // Registers whose value in this straight run is known to be a multiple; forgotten when written and at
  // labels.
  std::unordered_map<const ptx::Register*, uint64_t> checked_alignment_;
  llvm::AllocaInst* carry_ = nullptr;
  bool names_cluster_ = false;  // the instruction says .shared::cluster
  absl::Status status_;
};

using Handler = void (*)(FunctionLowering&, const ptx::Instruction&);

}  // namespace tq::lower
