#include <cstddef>
#include <string>

#include "base/cpu_abi.h"
#include "compiler/simt/intrinsics.h"
#include "compiler/simt/scalar_tier.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/Local.h"

namespace tq::simt {
namespace {

// What a collective exchanges at most (tq_cpu_services.collect), in words.
constexpr unsigned kMaxMatrixWords = 32;

constexpr uint64_t kParameterAlign = 8;  // of the whole list, wherever a device keeps it

enum class Structure : uint8_t { kThread, kBlock };

// Intrinsics that are fields of the device's structures. All others are functions of compiler/devicelib.
struct Field {
  Intrinsic intrinsic;
  Structure structure;
  size_t offset;
};

#define THREAD(id, field) {Intrinsic::id, Structure::kThread, offsetof(tq_cpu_thread, field)}
#define BLOCK(id, field) {Intrinsic::id, Structure::kBlock, offsetof(tq_cpu_block, field)}

constexpr Field kFields[] = {
    THREAD(kTidX, tid.x),
    THREAD(kTidY, tid.y),
    THREAD(kTidZ, tid.z),
    THREAD(kLaneid, lane),
    THREAD(kWarpid, warp),
    THREAD(kLocalBase, local_base),
    THREAD(kLocalSize, local_size_bytes),
    BLOCK(kNtidX, ntid.x),
    BLOCK(kNtidY, ntid.y),
    BLOCK(kNtidZ, ntid.z),
    BLOCK(kCtaidX, ctaid.x),
    BLOCK(kCtaidY, ctaid.y),
    BLOCK(kCtaidZ, ctaid.z),
    BLOCK(kNctaidX, nctaid.x),
    BLOCK(kNctaidY, nctaid.y),
    BLOCK(kNctaidZ, nctaid.z),
    BLOCK(kClusteridX, clusterid.x),
    BLOCK(kClusteridY, clusterid.y),
    BLOCK(kClusteridZ, clusterid.z),
    BLOCK(kNclusteridX, nclusterid.x),
    BLOCK(kNclusteridY, nclusterid.y),
    BLOCK(kNclusteridZ, nclusterid.z),
    BLOCK(kClusterCtaidX, cluster_ctaid.x),
    BLOCK(kClusterCtaidY, cluster_ctaid.y),
    BLOCK(kClusterCtaidZ, cluster_ctaid.z),
    BLOCK(kClusterNctaidX, cluster_nctaid.x),
    BLOCK(kClusterNctaidY, cluster_nctaid.y),
    BLOCK(kClusterNctaidZ, cluster_nctaid.z),
    BLOCK(kSmid, worker_index),
    BLOCK(kNsmid, worker_count),
    BLOCK(kGridid, grid_id),
    BLOCK(kSharedSize, shared_size_bytes),
    BLOCK(kDynamicSharedOffset, dynamic_shared_offset),
    BLOCK(kParams, params),
    BLOCK(kSharedBase, shared_base),
};

#undef THREAD
#undef BLOCK

const Field* FindField(Intrinsic intrinsic) {
  for (const Field& field : kFields) {
    if (field.intrinsic == intrinsic) return &field;
  }
  return nullptr;
}

class Expander {
 public:
  Expander(llvm::Module& module, bool thread_is_constant)
      : module_(module), thread_is_constant_(thread_is_constant) {}

  void Replace(llvm::CallInst* call, Intrinsic intrinsic);

 private:
  llvm::Value* Load(llvm::IRBuilder<>& ir, llvm::Type* type, llvm::Value* structure, size_t offset,
                    bool constant) {
    llvm::Value* pointer = ir.CreateConstInBoundsGEP1_64(ir.getInt8Ty(), structure, offset);
    llvm::LoadInst* load = ir.CreateAlignedLoad(type, pointer, module_.getDataLayout().getABITypeAlign(type));
    if (constant) {
      load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(ir.getContext(), {}));
    }
    return load;
  }

  llvm::Value* LoadField(llvm::IRBuilder<>& ir, llvm::Type* type, llvm::Value* thread, const Field& field) {
    if (field.structure == Structure::kThread)
      return Load(ir, type, thread, field.offset, thread_is_constant_);
    llvm::Value* block = Load(ir, ir.getPtrTy(), thread, offsetof(tq_cpu_thread, block), thread_is_constant_);
    return Load(ir, type, block, field.offset, /*constant=*/true);
  }

  void SayWhatParametersAre(llvm::LoadInst* load);
  llvm::Value* CallDevicelib(llvm::IRBuilder<>& ir, llvm::CallInst* call, llvm::Value* thread);
  llvm::Value* CallMatrix(llvm::IRBuilder<>& ir, llvm::CallInst* call, llvm::Value* thread);
  llvm::AllocaInst* Words(llvm::Function& function);

  llvm::Module& module_;
  const bool thread_is_constant_;
  llvm::DenseMap<llvm::Function*, llvm::AllocaInst*> words_;
};

std::string DevicelibName(const llvm::CallInst& call) {
  std::string name = call.getCalledFunction()->getName().str();
  for (char& c : name) {
    if (c == '.') c = '_';
  }
  return name;
}

// They are there, all of them, so that loads of one may move in front of branches.
void Expander::SayWhatParametersAre(llvm::LoadInst* load) {
  const llvm::Function& kernel = *load->getFunction();
  uint64_t bytes = 0;
  if (!IsKernel(kernel) || kernel.getFnAttribute(kKernelAttribute).getValueAsString().getAsInteger(10, bytes))
    return;
  llvm::IRBuilder<> ir(load);
  const auto number = [&](uint64_t value) {
    return llvm::MDNode::get(ir.getContext(), llvm::ConstantAsMetadata::get(ir.getInt64(value)));
  };
  load->setMetadata(llvm::LLVMContext::MD_dereferenceable, number(bytes));
  load->setMetadata(llvm::LLVMContext::MD_align, number(kParameterAlign));
}

// tq.shfl.up(mask, ...) -> tq_shfl_up(thread, mask, ...) in C's types: predicates travel as 32-bit integers,
// the pair {i32, i1} as an i64 with the predicate in bit 32.
llvm::Value* Expander::CallDevicelib(llvm::IRBuilder<>& ir, llvm::CallInst* call, llvm::Value* thread) {
  llvm::SmallVector<llvm::Value*, 6> arguments = {thread};
  llvm::SmallVector<llvm::Type*, 6> parameters = {thread->getType()};
  for (llvm::Value* argument : call->args()) {
    if (argument->getType()->isIntegerTy(1)) argument = ir.CreateZExt(argument, ir.getInt32Ty());
    arguments.push_back(argument);
    parameters.push_back(argument->getType());
  }
  llvm::Type* result = call->getType();
  if (result->isStructTy()) result = ir.getInt64Ty();
  if (result->isIntegerTy(1)) result = ir.getInt32Ty();
  llvm::FunctionCallee callee = module_.getOrInsertFunction(
      DevicelibName(*call), llvm::FunctionType::get(result, parameters, /*isVarArg=*/false));
  llvm::CallInst* made = ir.CreateCall(callee, arguments);
  made->setDoesNotThrow();
  if (call->doesNotReturn()) made->setDoesNotReturn();
  if (call->isConvergent()) made->setConvergent();
  if (call->getType()->isStructTy()) {
    llvm::Value* pair = ir.CreateInsertValue(llvm::PoisonValue::get(call->getType()),
                                             ir.CreateTrunc(made, ir.getInt32Ty()), 0);
    llvm::Value* predicate = ir.CreateTrunc(ir.CreateLShr(made, 32), ir.getInt1Ty());
    return ir.CreateInsertValue(pair, predicate, 1);
  }
  return call->getType()->isIntegerTy(1) ? ir.CreateICmpNE(made, ir.getInt32(0)) : made;
}

// Where the lane's part of the matrices goes to the library and comes back: one place for all instructions.
llvm::AllocaInst* Expander::Words(llvm::Function& function) {
  llvm::AllocaInst*& words = words_[&function];
  if (words == nullptr) {
    llvm::IRBuilder<> ir(&*function.getEntryBlock().getFirstNonPHIOrDbgOrAlloca());
    words = ir.CreateAlloca(llvm::ArrayType::get(ir.getInt32Ty(), kMaxMatrixWords), nullptr, "words");
    words->setAlignment(llvm::Align(16));
  }
  return words;
}

// tq.mma.float(operation, word...) -> tq_mma_float(thread, operation, words, size in bytes).
llvm::Value* Expander::CallMatrix(llvm::IRBuilder<>& ir, llvm::CallInst* call, llvm::Value* thread) {
  llvm::AllocaInst* words = Words(*call->getFunction());
  auto at = [&](uint64_t offset) { return ir.CreateConstInBoundsGEP1_64(ir.getInt8Ty(), words, offset); };
  uint32_t size_bytes = 0;
  for (llvm::Value* argument : llvm::drop_begin(call->args())) {
    ir.CreateAlignedStore(argument, at(size_bytes), llvm::Align(4));
    size_bytes += argument->getType()->getScalarSizeInBits() / 8;
  }
  llvm::Type* result = call->getType();
  if (!result->isVoidTy()) size_bytes = std::max<uint32_t>(size_bytes, kMatrixResultWords * 4);
  llvm::FunctionCallee callee = module_.getOrInsertFunction(
      DevicelibName(*call), ir.getVoidTy(), ir.getPtrTy(), ir.getInt64Ty(), ir.getPtrTy(), ir.getInt32Ty());
  llvm::CallInst* made =
      ir.CreateCall(callee, {thread, call->getArgOperand(0), words, ir.getInt32(size_bytes)});
  made->setDoesNotThrow();
  made->setConvergent();
  if (result->isVoidTy()) return made;
  llvm::Value* all = llvm::PoisonValue::get(result);
  for (unsigned i = 0; i < kMatrixResultWords; ++i) {
    all = ir.CreateInsertValue(all, ir.CreateAlignedLoad(ir.getInt32Ty(), at(i * 4), llvm::Align(4)), i);
  }
  return all;
}

void Expander::Replace(llvm::CallInst* call, Intrinsic intrinsic) {
  if (intrinsic == Intrinsic::kExit && IsKernel(*call->getFunction())) {
    // A kernel ends by returning; what follows the call is unreachable.
    llvm::BasicBlock* block = call->getParent();
    llvm::changeToUnreachable(call);
    llvm::IRBuilder<> ir(block->getTerminator());
    ir.CreateRetVoid();
    block->getTerminator()->eraseFromParent();
    return;
  }
  llvm::IRBuilder<> ir(call);
  llvm::Value* thread = call->getFunction()->getArg(0);
  const Field* field = FindField(intrinsic);
  const Effect effect = EffectOf(intrinsic);
  llvm::Value* value = nullptr;
  if (field != nullptr) {
    value = LoadField(ir, call->getType(), thread, *field);
  } else if (effect == Effect::kMatrix || effect == Effect::kMatrixMove) {
    value = CallMatrix(ir, call, thread);
  } else {
    value = CallDevicelib(ir, call, thread);
  }
  if (intrinsic == Intrinsic::kParams) SayWhatParametersAre(llvm::cast<llvm::LoadInst>(value));
  if (!call->getType()->isVoidTy()) call->replaceAllUsesWith(value);
  call->eraseFromParent();
}

}  // namespace

void ExpandIntrinsics(llvm::Module& module, bool thread_is_constant) {
  Expander expander(module, thread_is_constant);
  llvm::SmallVector<llvm::Function*, 16> declarations;
  for (llvm::Function& function : module) {
    if (Identify(function).has_value()) declarations.push_back(&function);
  }
  for (llvm::Function* declaration : declarations) {
    Intrinsic intrinsic = *Identify(*declaration);
    while (!declaration->use_empty()) {
      expander.Replace(llvm::cast<llvm::CallInst>(declaration->user_back()), intrinsic);
    }
    declaration->eraseFromParent();
  }
}

}  // namespace tq::simt
