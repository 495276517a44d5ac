#include "runtime/core/host_function.h"

#include <utility>
#include <vector>

#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"

namespace tq::core {
namespace {
thread_local bool in_host_function = false;
}  // namespace

bool HostFunctions::InHostFunction() { return in_host_function; }

absl::Status HostFunctions::Enqueue(Call call) {
  std::lock_guard lock(mutex_);
  if (!wake_) {
    ASSIGN_OR_RETURN(wake_, Timeline::Create(context_.device()));
    thread_ = std::thread([this] { Run(); });
  }
  Timeline* const timeline = call.after.timeline.get();
  calls_[timeline].push_back(std::move(call));
  Wake();
  return absl::OkStatus();
}

void HostFunctions::Wake() {
  const uint64_t value = wake_->submitted() + 1;
  wake_->Publish(value);
  wake_->Signal(value);
}

HostFunctions::~HostFunctions() {
  {
    std::lock_guard lock(mutex_);
    if (!wake_) return;
    stop_ = true;
    Wake();
  }
  thread_.join();
}

void HostFunctions::Run() {
  in_host_function = true;
  std::unique_lock lock(mutex_);
  while (!stop_ || !calls_.empty()) {
    std::vector<hal_sem_point> points = {{wake_->semaphore(), wake_->submitted() + 1}};
    std::vector<Call> ready;
    for (auto entry = calls_.begin(); entry != calls_.end();) {
      std::deque<Call>& calls = entry->second;
      const TimelinePoint& after = calls.front().after;
      if (after.timeline->Query(after.value) == HAL_TIMEOUT) {
        points.push_back({after.timeline->semaphore(), after.value});
        ++entry;
        continue;
      }
      ready.push_back(std::move(calls.front()));
      calls.pop_front();
      entry = calls.empty() ? calls_.erase(entry) : std::next(entry);
    }
    lock.unlock();
    if (ready.empty()) context_.table().sem_wait(points.data(), points.size(), /*any=*/1, HAL_NO_DEADLINE);
    for (Call& call : ready) {
      call.function(call.after.timeline->Query(call.after.value));
      call.done.timeline->Signal(call.done.value);
    }
    ready.clear();  // what the functions captured is destroyed without the lock
    lock.lock();
  }
}

}  // namespace tq::core
