#include "tests/ptx/tensor_kernel.h"

#include "absl/strings/str_cat.h"

namespace tq::ptx_test {
namespace {

constexpr int kChunk = 32;  // columns that one load or store moves

std::string List() {
  std::string list = "{";
  for (int i = 0; i < kChunk; ++i) absl::StrAppend(&list, i == 0 ? "" : ", ", "%v", i);
  return list + "}";
}

class TensorKernel {
 public:
  explicit TensorKernel(const std::vector<TensorBlock>& blocks)
      : blocks_(blocks),
        is_pair_(blocks.size() == 2),
        group_(is_pair_ ? "cta_group::2" : "cta_group::1"),
        columns_(static_cast<uint32_t>(blocks[0].tensor[0].size())) {
    while (allocated_ < columns_) allocated_ *= 2;
  }

  MatrixCase Build(const std::string& name, const std::string& instructions, bool is_collective) {
    MatrixCase result;
    result.target = "sm_100a";
    result.kernel = absl::StrCat(".visible .entry ", name, "(.param .u64 out, .param .u64 in) {\n", Begin(),
                                 Fill(), is_collective ? instructions : "",
                                 Issue(is_collective ? "" : instructions), Dump(), "}\n");
    result.launch.kernel = name;
    result.launch.threads = kTensorLanes;
    result.launch.blocks = static_cast<uint32_t>(blocks_.size());
    result.launch.cluster = is_pair_ ? 2 : 0;
    Argument input = {.is_buffer = true, .values = {}};
    for (const TensorBlock& block : blocks_) {
      for (size_t i = 0; i < block.shared.size(); i += 4) {
        uint32_t word = 0;
        for (size_t j = 0; j < 4; ++j) word |= uint32_t{block.shared[i + j]} << (8 * j);
        input.values.push_back({"b32", word});
      }
      for (const auto& lane : block.tensor) {
        for (uint32_t word : lane) input.values.push_back({"b32", word});
      }
      for (const auto& lane : block.expected) {
        for (uint32_t word : lane) result.launch.expected.push_back({"b32", word});
      }
    }
    result.launch.arguments.push_back(std::move(input));
    return result;
  }

 private:
  std::string Sync() const {
    return is_pair_ ? "  barrier.cluster.arrive.aligned;\n  barrier.cluster.wait.aligned;\n"
                    : "  bar.sync 0;\n";
  }

  // Shared memory from the input, an mbarrier, tensor memory's columns.
  std::string Begin() const {
    const size_t bytes = blocks_[0].shared.size(), words = bytes / 4 + kTensorLanes * columns_;
    return absl::StrCat(
        "  .shared .align 1024 .b8 image[", bytes,
        "];\n  .shared .align 8 .b64 done;\n  .shared .b32 where;\n",
        "  .reg .b64 %in, %out, %at, %sa, %da, %db;\n  .reg .b32 %i, %j, %w, %s, %t, %ta, %a, %idesc, "
        "%block, %v<128>;\n",
        "  .reg .b16 %h;\n  .reg .pred %p, %more, %first, %issue;\n",
        "  ld.param.u64 %out, [out];\n  ld.param.u64 %in, [in];\n  mov.u32 %i, %tid.x;\n  mov.u32 %block, "
        "%ctaid.x;\n",
        "  mad.wide.u32 %in, %block, ", words * 4, ", %in;\n  mad.wide.u32 %out, %block, ",
        kTensorLanes * columns_ * 4,
        ", %out;\n  mov.u32 %s, image;\n  shl.b32 %j, %i, 2;\ncopy:\n  cvt.u64.u32 %at, %j;\n  add.u64 %at, "
        "%at, %in;\n",
        "  ld.global.b32 %w, [%at];\n  add.u32 %a, %s, %j;\n  st.shared.b32 [%a], %w;\n  add.u32 %j, %j, "
        "512;\n",
        "  setp.lt.u32 %more, %j, ", bytes, ";\n  @%more bra copy;\n  fence.proxy.async.shared::cta;\n",
        "  setp.lt.u32 %first, %i, 32;\n  mov.u32 %a, where;\n  @%first tcgen05.alloc.", group_,
        ".sync.aligned.shared::cta.b32 [%a], ", allocated_,
        ";\n  setp.eq.u32 %p, %i, 0;\n  mov.u32 %j, done;\n",
        "  @%p mbarrier.init.shared.b64 [%j], 1;\n  bar.sync 0;\n  ld.shared.b32 %ta, [where];\n",
        "  and.b32 %t, %i, 96;\n  shl.b32 %t, %t, 16;\n  add.u32 %t, %t, %ta;\n  mad.wide.u32 %in, %i, ",
        columns_ * 4, ", %in;\n  mad.wide.u32 %out, %i, ", columns_ * 4, ", %out;\n");
  }

  std::string Fill() const {
    std::string code;
    for (uint32_t c = 0; c < columns_; c += kChunk) {
      for (int i = 0; i < kChunk; ++i) {
        absl::StrAppend(&code, "  ld.global.b32 %v", i, ", [%in+", blocks_[0].shared.size() + (c + i) * 4,
                        "];\n");
      }
      absl::StrAppend(&code, "  tcgen05.st.sync.aligned.32x32b.x32.b32 [%t+", c, "], ", List(), ";\n");
    }
    return absl::StrCat(
        code, "  tcgen05.wait::st.sync.aligned;\n  tcgen05.fence::before_thread_sync;\n", Sync(),
        "  tcgen05.fence::after_thread_sync;\n  cvt.u64.u32 %sa, %s;\n  shr.u64 %sa, %sa, 4;\n");
  }

  // By one thread; all wait until the commit has arrived in their block.
  std::string Issue(const std::string& instructions) const {
    return absl::StrCat("  setp.eq.u32 %issue, %i, 0;\n  setp.eq.and.u32 %issue, %block, 0, %issue;\n",
                        "  @!%issue bra issued;\n", instructions, "  mov.b16 %h, 3;\n  tcgen05.commit.",
                        group_, ".mbarrier::arrive::one.shared::cluster",
                        is_pair_ ? ".multicast::cluster.b64 [%j], %h" : ".b64 [%j]",
                        ";\nissued:\nwait:\n  mbarrier.try_wait.parity.shared.b64 %more, [%j], 0;\n",
                        "  @!%more bra wait;\n  tcgen05.fence::after_thread_sync;\n");
  }

  std::string Dump() const {
    std::string code;
    for (uint32_t c = 0; c < columns_; c += kChunk) {
      absl::StrAppend(&code, "  tcgen05.ld.sync.aligned.32x32b.x32.b32 ", List(), ", [%t+", c,
                      "];\n  tcgen05.wait::ld.sync.aligned;\n");
      for (int i = 0; i < kChunk; ++i) {
        absl::StrAppend(&code, "  st.global.b32 [%out+", (c + i) * 4, "], %v", i, ";\n");
      }
    }
    return absl::StrCat(code, Sync(), "  @%first tcgen05.dealloc.", group_, ".sync.aligned.b32 %ta, ",
                        allocated_, ";\n  @%first tcgen05.relinquish_alloc_permit.", group_,
                        ".sync.aligned;\n  ret;\n");
  }

  const std::vector<TensorBlock>& blocks_;
  const bool is_pair_;
  const std::string group_;
  const uint32_t columns_;
  uint32_t allocated_ = 32;
};

}  // namespace

void FillTensor(TensorBlock& block, int columns, std::mt19937& random) {
  block.tensor.assign(kTensorLanes, std::vector<uint32_t>((columns + kChunk - 1) / kChunk * kChunk));
  for (auto& lane : block.tensor) {
    for (uint32_t& word : lane) word = static_cast<uint32_t>(random());
  }
}

MatrixCase BuildTensorKernel(const std::vector<TensorBlock>& blocks, const std::string& name,
                             const std::string& instructions, bool is_collective) {
  return TensorKernel(blocks).Build(name, instructions, is_collective);
}

}  // namespace tq::ptx_test
