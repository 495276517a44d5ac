// A CUuserObject: something of the program's that lives as long as graphs refer to it (CUDA driver API, "User
// Objects"). Its destructor runs on a thread of the runtime, where no CUDA call may be made. Thread-safe.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <mutex>

#include "absl/status/status.h"
#include "base/ref.h"
#include "runtime/core/handle.h"

namespace tq::core {

class UserObject : public RefCounted {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kUserObject;

  UserObject(void* pointer, CUhostFn destroy, uint32_t references);

  CUuserObject handle() const { return handle_.as<CUuserObject>(); }

  absl::Status Retain(uint32_t count);
  // CUDA_ERROR_INVALID_VALUE when there are fewer. The last one destroys the program's object.
  absl::Status Release(uint32_t count);

 private:
  void* const pointer_;
  const CUhostFn destroy_;
  std::mutex mutex_;
  uint64_t references_;
  // Of ourselves, while the program or a graph has a reference.
  Ref<UserObject> self_;
  Handle<UserObject> handle_{this};
};

}  // namespace tq::core
