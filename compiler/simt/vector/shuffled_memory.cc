// Lanes whose places in memory are known relative to each other, but do not follow each other: strides,
// rows that lanes share, transposed tiles. Whole vectors are read and shuffled where a gather would read lane
// by lane, and runs are written where a scatter would write so.
#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "compiler/simt/vector/widener.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {
namespace {

using llvm::Value;

// What lies between two places of the warp is in one of their pages.
constexpr int64_t kMaxSpanBytes = 4096;
constexpr int64_t kChunkBytes = 64;
constexpr size_t kMaxChunks = 8;
constexpr size_t kMaxPlaces = 4;
constexpr size_t kMaxRuns = 4;

struct Layout {
  std::array<int64_t, kLanes> at;  // of each lane, in elements behind the lowest
  int64_t count = 0;               // of elements from the lowest to the highest
  int64_t lowest_bytes = 0;
};

std::optional<Layout> LayoutOf(const Pattern& pattern, uint64_t size_bytes) {
  const auto size = static_cast<int64_t>(size_bytes);
  Layout layout;
  layout.lowest_bytes = pattern.Least();
  const int64_t span = pattern.Greatest() - layout.lowest_bytes;
  if (span < 0 || span + size > kMaxSpanBytes) return std::nullopt;
  layout.count = span / size + 1;
  for (unsigned i = 0; i < kLanes; ++i) {
    const int64_t offset = pattern.offsets[i] - layout.lowest_bytes;
    if (offset % size != 0) return std::nullopt;
    layout.at[i] = offset / size;
  }
  return layout;
}

llvm::SmallVector<int64_t, kLanes> Distinct(const Layout& layout, int64_t unit) {
  llvm::SmallVector<int64_t, kLanes> numbers;
  for (const int64_t at : layout.at) numbers.push_back(at / unit);
  llvm::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

// Lanes in the order of their places, cut where one does not follow the last. Empty: two have one place.
using Runs = llvm::SmallVector<llvm::SmallVector<int, kLanes>, kMaxRuns>;
Runs RunsOf(const Layout& layout) {
  std::array<int, kLanes> order;
  std::iota(order.begin(), order.end(), 0);
  auto at = [&](int lane) { return layout.at[static_cast<size_t>(lane)]; };
  llvm::sort(order, [&](int a, int b) { return at(a) < at(b); });
  Runs runs;
  for (const int lane : order) {
    if (!runs.empty() && at(runs.back().back()) == at(lane)) return {};
    if (runs.empty() || at(runs.back().back()) + 1 != at(lane)) runs.push_back({});
    runs.back().push_back(lane);
  }
  return runs;
}

// Half precision moves as integers: LLVM's legaliser knows no shuffles of vectors of bfloat of odd lengths.
llvm::Type* MovedType(llvm::Type* type) {
  return type->isHalfTy() || type->isBFloatTy() ? llvm::Type::getInt16Ty(type->getContext()) : type;
}

}  // namespace

bool Widener::CanLoadShuffled(const Pattern& pattern, uint64_t size) const {
  const std::optional<Layout> layout = LayoutOf(pattern, size);
  return layout && (Distinct(*layout, 1).size() <= kMaxPlaces ||
                    Distinct(*layout, kChunkBytes / static_cast<int64_t>(size)).size() <= kMaxChunks);
}

// Without a mask.
Value* Widener::LoadShuffled(const llvm::LoadInst& load, const Pattern& pattern, uint64_t size) {
  const Layout layout = *LayoutOf(pattern, size);
  llvm::SmallVector<llvm::Type*, 1> types;
  LeafTypes(load.getType(), types);
  llvm::Type* type = MovedType(types[0]);
  auto restored = [&](Value* moved) {
    return ir_.CreateBitCast(moved, llvm::FixedVectorType::get(types[0], kLanes));
  };
  Value* pointer = Scalar(load.getPointerOperand());
  auto read = [&](llvm::Type* what, int64_t element) {
    const int64_t offset = layout.lowest_bytes + element * static_cast<int64_t>(size);
    Value* from = ir_.CreateGEP(ir_.getInt8Ty(), pointer, ir_.getInt64(static_cast<uint64_t>(offset)));
    Value* made = ir_.CreateAlignedLoad(what, from, load.getAlign());
    made = CopyAliases(load, made);
    return made;
  };
  // Lanes 0 to 31 of the result; those of other parts are poison there.
  auto merge = [&](Value* result, Value* part, llvm::ArrayRef<bool> is_of_part) {
    if (result == nullptr) return part;
    llvm::SmallVector<int, kLanes> mask;
    for (int i = 0; i < static_cast<int>(kLanes); ++i)
      mask.push_back(is_of_part[static_cast<size_t>(i)] ? i + static_cast<int>(kLanes) : i);
    return ir_.CreateShuffleVector(result, part, mask);
  };
  Value* result = nullptr;
  std::array<bool, kLanes> is_of_part;
  const llvm::SmallVector<int64_t, kLanes> places = Distinct(layout, 1);
  if (places.size() <= kMaxPlaces) {
    for (const int64_t place : places) {
      for (unsigned i = 0; i < kLanes; ++i) is_of_part[i] = layout.at[i] == place;
      result = merge(result, Splat(read(type, place)), is_of_part);
    }
    return restored(result);
  }
  const int64_t width = kChunkBytes / static_cast<int64_t>(size);
  const llvm::SmallVector<int64_t, kLanes> numbers = Distinct(layout, width);
  auto chunk = [&](int64_t number) {
    const int64_t first = number * width, have = std::min(width, layout.count - first);
    Value* made = read(llvm::FixedVectorType::get(type, static_cast<unsigned>(have)), first);
    llvm::SmallVector<int, 64> mask;
    for (int i = 0; i < width; ++i) mask.push_back(i < have ? i : -1);
    return have == width ? made : ir_.CreateShuffleVector(made, mask);
  };
  for (size_t i = 0; i < numbers.size(); i += 2) {
    Value* a = chunk(numbers[i]);
    const bool has_b = i + 1 < numbers.size();
    Value* b = has_b ? chunk(numbers[i + 1]) : llvm::PoisonValue::get(a->getType());
    llvm::SmallVector<int, kLanes> mask;
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      const int64_t number = layout.at[lane] / width;
      const bool is_a = number == numbers[i], is_b = has_b && number == numbers[i + 1];
      is_of_part[lane] = is_a || is_b;
      const int64_t index = layout.at[lane] % width + (is_b ? width : 0);
      mask.push_back(is_of_part[lane] ? static_cast<int>(index) : -1);
    }
    result = merge(result, ir_.CreateShuffleVector(a, b, mask), is_of_part);
  }
  return restored(result);
}

bool Widener::CanStoreRuns(const Pattern& pattern, uint64_t size) const {
  const std::optional<Layout> layout = LayoutOf(pattern, size);
  if (!layout) return false;
  const Runs runs = RunsOf(*layout);
  return !runs.empty() && runs.size() <= kMaxRuns;
}

// Without a mask.
void Widener::StoreRuns(const llvm::StoreInst& store, const Pattern& pattern, uint64_t size) {
  const Layout layout = *LayoutOf(pattern, size);
  Value* value = Vector1(store.getValueOperand());
  auto* type = llvm::cast<llvm::FixedVectorType>(value->getType());
  value = ir_.CreateBitCast(value, llvm::FixedVectorType::get(MovedType(type->getElementType()), kLanes));
  for (const llvm::SmallVector<int, kLanes>& run : RunsOf(layout)) {
    const int64_t offset =
        layout.lowest_bytes + layout.at[static_cast<size_t>(run[0])] * static_cast<int64_t>(size);
    Value* to = ir_.CreateGEP(ir_.getInt8Ty(), Scalar(store.getPointerOperand()),
                              ir_.getInt64(static_cast<uint64_t>(offset)));
    CopyAliases(store, ir_.CreateAlignedStore(ir_.CreateShuffleVector(value, run), to, store.getAlign()));
  }
}

}  // namespace tq::simt::vector
