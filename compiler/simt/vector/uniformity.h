// Which values of one thread's code are the same in all lanes of a warp that compute them together. LLVM's
// generic uniformity analysis behind the one file that knows its interface, which changes from release to
// release.
#pragma once

#include <memory>

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Function.h"

namespace tq::simt::vector {

// What is known of a value beforehand.
enum class Uniform : uint8_t {
  kAlways,
  kNever,
  kByOperands,
};

class Uniformity {
 public:
  // `known` is asked once or more for each instruction. The function must not change while this lives.
  Uniformity(llvm::Function& function, const llvm::DominatorTree& dominators,
             llvm::function_ref<Uniform(const llvm::Value&)> known);
  ~Uniformity();
  Uniformity(const Uniformity&) = delete;
  Uniformity& operator=(const Uniformity&) = delete;

  bool IsUniform(const llvm::Value& value) const;
  // Whether lanes that end this block together may go on in different blocks.
  bool Diverges(const llvm::BasicBlock& block) const;
  // Whether some cycle has more than one entry: nothing else here can take those.
  bool HasIrreducibleCycles() const;

 private:
  struct Analysis;
  std::unique_ptr<Analysis> analysis_;
};

}  // namespace tq::simt::vector
