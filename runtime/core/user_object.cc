#include "runtime/core/user_object.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/core/error.h"

namespace tq::core {

UserObject::UserObject(void* pointer, CUhostFn destroy, uint32_t references)
    : pointer_(pointer), destroy_(destroy), references_(references), self_(this) {}

absl::Status UserObject::Retain(uint32_t count) {
  std::lock_guard lock(mutex_);
  references_ += count;
  return absl::OkStatus();
}

absl::Status UserObject::Release(uint32_t count) {
  Ref<UserObject> last;
  {
    std::lock_guard lock(mutex_);
    if (count > references_) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("the user object has fewer references (", references_, ")"));
    }
    references_ -= count;
    if (references_ != 0) return absl::OkStatus();
    last = std::move(self_);
  }
  // CU_USER_OBJECT_NO_DESTRUCTOR_SYNC: nobody may wait for it, so that it may run at any time and anywhere.
  std::thread([destroy = destroy_, pointer = pointer_] { destroy(pointer); }).detach();
  return absl::OkStatus();
}

}  // namespace tq::core
