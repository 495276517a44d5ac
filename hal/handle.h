// Owner of one HAL object: a backend table, a pointer, and the table's destroy function. Move-only.
#pragma once

#include <utility>

#include "hal/include/tianqiao/hal.h"

namespace tq::hal {

template <typename T, void (*hal_backend::*kDestroy)(T*)>
class Handle {
 public:
  Handle() = default;
  Handle(const hal_backend* backend, T* object) : backend_(backend), object_(object) {}
  Handle(Handle&& other) noexcept
      : backend_(other.backend_), object_(std::exchange(other.object_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      Reset();
      backend_ = other.backend_;
      object_ = std::exchange(other.object_, nullptr);
    }
    return *this;
  }
  ~Handle() { Reset(); }

  void Reset() {
    if (T* object = std::exchange(object_, nullptr); object != nullptr) (backend_->*kDestroy)(object);
  }
  T* get() const { return object_; }
  const hal_backend& table() const { return *backend_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  const hal_backend* backend_ = nullptr;
  T* object_ = nullptr;
};

}  // namespace tq::hal
