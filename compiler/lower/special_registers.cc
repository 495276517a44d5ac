#include "compiler/lower/special_registers.h"

#include <string_view>

#include "absl/strings/str_cat.h"

namespace tq::lower {
namespace {

using simt::Intrinsic;
using Values = llvm::Value*;

// Registers of three dimensions; .w is zero.
struct Vector {
  std::string_view name;
  Intrinsic elements[3];
};
constexpr Vector kVectors[] = {
    {"%tid", {Intrinsic::kTidX, Intrinsic::kTidY, Intrinsic::kTidZ}},
    {"%ntid", {Intrinsic::kNtidX, Intrinsic::kNtidY, Intrinsic::kNtidZ}},
    {"%ctaid", {Intrinsic::kCtaidX, Intrinsic::kCtaidY, Intrinsic::kCtaidZ}},
    {"%nctaid", {Intrinsic::kNctaidX, Intrinsic::kNctaidY, Intrinsic::kNctaidZ}},
    {"%clusterid", {Intrinsic::kClusteridX, Intrinsic::kClusteridY, Intrinsic::kClusteridZ}},
    {"%nclusterid", {Intrinsic::kNclusteridX, Intrinsic::kNclusteridY, Intrinsic::kNclusteridZ}},
    {"%cluster_ctaid", {Intrinsic::kClusterCtaidX, Intrinsic::kClusterCtaidY, Intrinsic::kClusterCtaidZ}},
    {"%cluster_nctaid", {Intrinsic::kClusterNctaidX, Intrinsic::kClusterNctaidY, Intrinsic::kClusterNctaidZ}},
};

struct Direct {
  std::string_view name;
  Intrinsic intrinsic;
};
constexpr Direct kDirect[] = {
    {"%laneid", Intrinsic::kLaneid},
    {"%warpid", Intrinsic::kWarpid},
    {"%smid", Intrinsic::kSmid},
    {"%nsmid", Intrinsic::kNsmid},
    {"%gridid", Intrinsic::kGridid},
    {"%clock64", Intrinsic::kClock64},
    {"%clock", Intrinsic::kClock64},
    {"%globaltimer", Intrinsic::kGlobaltimer},
    {"%globaltimer_lo", Intrinsic::kGlobaltimer},
    {"%total_smem_size", Intrinsic::kSharedSize},
    {"%aggr_smem_size", Intrinsic::kSharedSize},
};

Values Threads(FunctionLowering& f) {
  auto& ir = f.ir();
  return ir.CreateMul(ir.CreateMul(f.Tq(Intrinsic::kNtidX), f.Tq(Intrinsic::kNtidY)),
                      f.Tq(Intrinsic::kNtidZ));
}

Values Product(FunctionLowering& f, const Vector& vector) {
  auto& ir = f.ir();
  return ir.CreateMul(ir.CreateMul(f.Tq(vector.elements[0]), f.Tq(vector.elements[1])),
                      f.Tq(vector.elements[2]));
}

Values WarpCount(FunctionLowering& f) {
  return f.ir().CreateLShr(f.ir().CreateAdd(Threads(f), f.ir().getInt32(31)), 5);
}

Values ClusterRank(FunctionLowering& f) {
  auto& ir = f.ir();
  Values row = ir.CreateAdd(ir.CreateMul(f.Tq(Intrinsic::kClusterCtaidZ), f.Tq(Intrinsic::kClusterNctaidY)),
                            f.Tq(Intrinsic::kClusterCtaidY));
  return ir.CreateAdd(ir.CreateMul(row, f.Tq(Intrinsic::kClusterNctaidX)), f.Tq(Intrinsic::kClusterCtaidX));
}

Values ClusterSize(FunctionLowering& f) { return Product(f, kVectors[7]); }

Values IsCluster(FunctionLowering& f) { return f.ir().CreateICmpUGT(ClusterSize(f), f.ir().getInt32(1)); }

Values LaneBit(FunctionLowering& f) { return f.ir().CreateShl(f.ir().getInt32(1), f.Tq(Intrinsic::kLaneid)); }
Values LanesBelow(FunctionLowering& f) { return f.ir().CreateSub(LaneBit(f), f.ir().getInt32(1)); }
Values LanesUpTo(FunctionLowering& f) { return f.ir().CreateOr(LanesBelow(f), LaneBit(f)); }
Values LanesFrom(FunctionLowering& f) { return f.ir().CreateNot(LanesBelow(f)); }
Values LanesAbove(FunctionLowering& f) { return f.ir().CreateNot(LanesUpTo(f)); }

Values ClockHigh(FunctionLowering& f) { return f.ir().CreateLShr(f.Tq(Intrinsic::kClock64), 32); }
Values TimerHigh(FunctionLowering& f) { return f.ir().CreateLShr(f.Tq(Intrinsic::kGlobaltimer), 32); }

Values DynamicShared(FunctionLowering& f) {
  return f.ir().CreateSub(f.Tq(Intrinsic::kSharedSize), f.Tq(Intrinsic::kDynamicSharedOffset));
}

Values WarpSize(FunctionLowering& f) { return f.ir().getInt32(32); }
Values Zero(FunctionLowering& f) { return f.ir().getInt32(0); }

struct Computed {
  std::string_view name;
  Values (*read)(FunctionLowering& f);
};
constexpr Computed kComputed[] = {
    {"%nwarpid", WarpCount},
    {"WARP_SZ", WarpSize},
    {"%lanemask_eq", LaneBit},
    {"%lanemask_lt", LanesBelow},
    {"%lanemask_le", LanesUpTo},
    {"%lanemask_ge", LanesFrom},
    {"%lanemask_gt", LanesAbove},
    {"%clock_hi", ClockHigh},
    {"%globaltimer_hi", TimerHigh},
    {"%dynamic_smem_size", DynamicShared},
    {"%cluster_ctarank", ClusterRank},
    {"%cluster_nctarank", ClusterSize},
    {"%is_explicit_cluster", IsCluster},
    // Nothing of the shared window is reserved for the system, and no graph runs a kernel by itself.
    {"%reserved_smem_offset_begin", Zero},
    {"%reserved_smem_offset_end", Zero},
    {"%reserved_smem_offset_cap", Zero},
    {"%reserved_smem_offset_0", Zero},
    {"%reserved_smem_offset_1", Zero},
    {"%current_graph_exec", Zero},
};

Values Find(FunctionLowering& f, std::string_view name, int element) {
  for (const Vector& vector : kVectors) {
    if (vector.name != name) continue;
    int index = element < 0 ? 0 : element;
    return index < 3 ? f.Tq(vector.elements[index]) : Zero(f);
  }
  for (const Direct& direct : kDirect) {
    if (direct.name == name) return f.Tq(direct.intrinsic);
  }
  for (const Computed& computed : kComputed) {
    if (computed.name == name) return computed.read(f);
  }
  constexpr std::string_view kEnvreg = "%envreg";
  if (name.substr(0, kEnvreg.size()) == kEnvreg) {
    int number = 0;
    for (char c : name.substr(kEnvreg.size())) number = number * 10 + (c - '0');
    return f.Tq(Intrinsic::kEnvreg, {f.ir().getInt32(number)});
  }
  if (name.substr(0, 3) == "%pm") return Zero(f);  // no performance monitor counts
  return nullptr;
}

}  // namespace

llvm::Value* ReadSpecialRegister(FunctionLowering& f, ptx::SpecialRegister special, int element) {
  const ptx::SpecialRegisterInfo& info = ptx::GetSpecialRegister(special);
  llvm::Value* value = Find(f, info.name, element);
  if (value == nullptr) return nullptr;
  // %clock is the low half of %clock64.
  if (ptx::SizeBits(info.type) == 32) value = f.ir().CreateZExtOrTrunc(value, f.ir().getInt32Ty());
  return f.ir().CreateZExtOrTrunc(value, f.ir().getInt64Ty());
}

}  // namespace tq::lower
