#include "runtime/core/conditional.h"

#include <map>
#include <mutex>

#include "runtime/core/graph.h"

namespace tq::core {
namespace {

std::mutex mutex;
std::map<uint64_t, std::weak_ptr<Conditional>>& Known() {
  static auto* const known =
      new std::map<uint64_t, std::weak_ptr<Conditional>>();  // workers may ask until the end
  return *known;
}

}  // namespace

std::shared_ptr<Conditional> Conditional::Create(const Graph& graph, Context& context, uint32_t default_value,
                                                 bool is_reset) {
  static uint64_t last = 0;
  const std::lock_guard lock(mutex);
  auto made = std::make_shared<Conditional>(++last, graph.id(), context, default_value, is_reset);
  Known().emplace(made->handle(), made);
  return made;
}

std::shared_ptr<Conditional> Conditional::Find(uint64_t handle) {
  const std::lock_guard lock(mutex);
  const auto found = Known().find(handle);
  return found == Known().end() ? nullptr : found->second.lock();
}

Conditional::~Conditional() {
  const std::lock_guard lock(mutex);
  Known().erase(handle_);
}

}  // namespace tq::core
