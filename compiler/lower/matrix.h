// What the handlers of matrix instructions share. Each hands this lane's part of the matrices to a tq.*
// function of the warp, in words, in the order of the operands (compiler/devicelib/matrix.h).
#pragma once

#include <vector>

#include "compiler/devicelib/matrix_op.h"
#include "compiler/lower/lowering.h"

namespace tq::lower {

struct MatrixShape {
  uint32_t m = 0, n = 0, k = 0;
};
MatrixShape ShapeOf(const ptx::Instruction& inst);

struct MatrixElement {
  ptx::Type type;
  tq_matrix_element element;
  uint32_t bits;
  simt::Intrinsic multiply;
};
const MatrixElement& ElementOf(ptx::Type type);

size_t RegistersOf(const ptx::Instruction& inst, size_t operand);

class MatrixWords {
 public:
  explicit MatrixWords(FunctionLowering& f) : f_(f) {}

  void Append(llvm::Value* value);  // of 32 or 64 bits
  void AppendAddress(llvm::Value* address) { arguments_.push_back(address); }
  // The first `count` registers of a fragment.
  void Append(const ptx::Operand& fragment, ptx::Type type, size_t count);

  void Run(simt::Intrinsic intrinsic, llvm::Value* op) {
    arguments_.insert(arguments_.begin(), op);
    results_ = f_.Tq(intrinsic, arguments_);
  }

  llvm::Value* Result(unsigned index, ptx::Type type);
  void Write(const ptx::Operand& fragment, ptx::Type type, size_t registers);

 private:
  FunctionLowering& f_;
  std::vector<llvm::Value*> arguments_;
  llvm::Value* results_ = nullptr;
};

}  // namespace tq::lower
