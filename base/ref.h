// Ref<T>: shared ownership by a count inside the object, for objects that work in flight must keep alive.
// Everything else is owned by a std::unique_ptr. The count is thread-safe, one Ref is not.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace tq {

template <typename T>
class Ref;

class RefCounted {
 public:
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

 protected:
  RefCounted() = default;
  virtual ~RefCounted() = default;

 private:
  template <typename T>
  friend class Ref;
  std::atomic<uint32_t> count_{0};
};

template <typename T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* object) : object_(object) { Retain(); }
  Ref(const Ref& other) : object_(other.object_) { Retain(); }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <typename U>
  Ref(const Ref<U>& other) : object_(other.get()) {
    Retain();
  }
  ~Ref() { Release(); }
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  void Retain() {
    if (object_ != nullptr) object_->RefCounted::count_.fetch_add(1, std::memory_order_relaxed);
  }
  void Release() {
    if (object_ != nullptr && object_->RefCounted::count_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete static_cast<RefCounted*>(object_);
    }
  }

  T* object_ = nullptr;
};

template <typename T, typename... Args>
Ref<T> MakeRef(Args&&... args) {
  return Ref<T>(new T(std::forward<Args>(args)...));
}

}  // namespace tq
