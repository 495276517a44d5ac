#include "runtime/core/usage_report.h"

#include <pthread.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/usage_record.h"
#include "runtime/core/async_notification.h"
#include "runtime/core/device.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

constexpr std::chrono::milliseconds kPeriod(200);

std::mutex mutex;
UsageRecord* record = nullptr;  // null before and after
// The file is its process's: the child of a fork leaves it alone, and the lock, which may have been taken
// then.
std::atomic<bool> is_child{false};

// False when the record is gone.
bool Update() {
  const std::lock_guard lock(mutex);
  if (record == nullptr) return false;
  for (int ordinal = 0; ordinal < Process::Get().device_count(); ++ordinal) {
    const auto device = Process::Get().DeviceAt(ordinal);
    if (!device.ok()) continue;
    const auto now = (*device)->hal().Telemetry();
    if (now.ok()) record->Set(ordinal, now->memory_used_bytes, now->busy_ns);
  }
  return true;
}

// The thread may be at work until the process ends, so that nothing of its own is destroyed before.
void Run() {
  pthread_setname_np(pthread_self(), "tq-usage");
  while (Update()) {
    AsyncNotifications::Get().CheckBudgets();
    std::this_thread::sleep_for(kPeriod);
  }
}

void End() {
  if (is_child.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex);
  delete record;
  record = nullptr;
}

void Begin() {
  std::vector<std::array<uint8_t, 16>> uuids;
  for (int ordinal = 0; ordinal < Process::Get().device_count(); ++ordinal) {
    const auto device = Process::Get().DeviceAt(ordinal);
    std::array<uint8_t, 16>& uuid = uuids.emplace_back();
    if (device.ok()) std::memcpy(uuid.data(), (*device)->info().uuid, uuid.size());
  }
  {
    const std::lock_guard lock(mutex);
    record = UsageRecord::Create(uuids).release();
    if (record == nullptr) return;
  }
  pthread_atfork(nullptr, nullptr, [] { is_child.store(true, std::memory_order_relaxed); });
  std::atexit(End);
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  std::thread(Run).detach();
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

}  // namespace

void ReportUsage() {
  static std::once_flag once;
  std::call_once(once, Begin);
}

}  // namespace tq::core
