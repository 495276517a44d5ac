// A CUlinkState: collects PTX and makes one image of it. What cuLinkComplete gives is an archive of fat
// binaries, which cuModuleLoadData takes as one program whose units find each other's symbols. One thread at
// a time.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/index/module_index.h"
#include "runtime/core/handle.h"
#include "runtime/core/jit_options.h"

namespace tq::core {

class Linker {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kLinkState;

  explicit Linker(JitRequest request) : request_(std::move(request)) {}

  CUlinkState handle() const { return handle_.as<CUlinkState>(); }
  JitRequest& request() { return request_; }

  // CUDA_ERROR_INVALID_PTX and _INVALID_IMAGE for damaged input, _NO_BINARY_FOR_GPU for machine code alone.
  absl::Status Add(CUjitInputType type, std::span<const uint8_t> bytes, std::string_view name);
  absl::Status AddFile(CUjitInputType type, const std::string& path);

  // The image lives as long as the linker. May be called again after more input. Of what came from libraries
  // (CU_JIT_INPUT_LIBRARY) it holds what the rest needs. CUDA_ERROR_INVALID_IMAGE, with the linker's own
  // words for the error log, where a symbol is defined nowhere or twice.
  absl::StatusOr<std::span<const uint8_t>> Complete();

 private:
  // A unit of PTX: as it goes into the image, and what is needed to tell whether the units fit together.
  struct Member {
    std::string name;  // for messages
    std::string text;
    std::unique_ptr<const ptx::ModuleIndex> index;
    bool is_of_library = false;
  };
  absl::Status AddPtx(std::string_view text, std::string_view name, bool is_of_library);
  absl::StatusOr<std::vector<uint8_t>> Pack(const Member& member) const;

  JitRequest request_;
  std::vector<Member> members_;
  std::vector<uint8_t> image_;
  Handle<Linker> handle_{this};
};

// The whole of a file: CUDA_ERROR_FILE_NOT_FOUND.
absl::StatusOr<std::vector<uint8_t>> ReadFile(const std::string& path);

}  // namespace tq::core
