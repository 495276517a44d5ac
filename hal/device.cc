#include "hal/device.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "hal/error.h"

namespace tq::hal {

absl::StatusOr<uint32_t> Device::Count(const hal_backend* backend) {
  uint32_t count = 0;
  const hal_status status = backend->enumerate(&count);
  if (status != HAL_OK) return ToStatus(status, "enumerate");
  return count;
}

absl::StatusOr<Device> Device::Open(const hal_backend* backend, uint32_t index) {
  hal_device* object = nullptr;
  hal_status status = backend->device_open(index, &object);
  if (status != HAL_OK) return ToStatus(status, absl::StrCat("device_open of device ", index));
  Device device;
  device.handle_ = {backend, object};
  device.info_.size = sizeof device.info_;
  status = backend->device_query(object, &device.info_);
  if (status != HAL_OK) return ToStatus(status, "device_query");
  return device;
}

absl::StatusOr<hal_device_telemetry> Device::Telemetry() const {
  hal_device_telemetry telemetry = {.size = sizeof telemetry};
  const hal_status status = backend()->device_telemetry(get(), &telemetry);
  if (status != HAL_OK) return ToStatus(status, "device_telemetry");
  return telemetry;
}

absl::StatusOr<hal_link_info> Device::Link(const Device& to) const {
  hal_link_info link = {.size = sizeof link};
  if (backend() != to.backend()) return link;  // devices of two backends see nothing of each other
  const hal_status status = backend()->link_query(get(), to.get(), &link);
  if (status != HAL_OK) return ToStatus(status, "link_query");
  return link;
}

absl::StatusOr<uint64_t> Device::TimeNs() const {
  uint64_t now = 0;
  const hal_status status = backend()->device_time_ns(get(), &now);
  if (status != HAL_OK) return ToStatus(status, "device_time_ns");
  return now;
}

absl::StatusOr<int> Device::NotifyFd() const {
  int fd = -1;
  const hal_status status = backend()->notify_fd(get(), &fd);
  if (status != HAL_OK) return ToStatus(status, "notify_fd");
  return fd;
}

std::vector<hal_target> Device::Targets() const {
  std::vector<hal_target> targets;
  hal_target target = {.size = sizeof target};
  while (backend()->exec_probe(get(), targets.size(), &target) == HAL_OK) targets.push_back(target);
  return targets;
}

absl::Status Device::Reset() { return ToStatus(backend()->device_reset(get()), "device_reset"); }

absl::Status Device::Suspend() const {
  const hal_backend& table = *backend();
  const bool is_there = table.size > offsetof(hal_backend, device_resume) && table.device_suspend != nullptr;
  return ToStatus(is_there ? table.device_suspend(get()) : HAL_UNSUPPORTED, "device_suspend");
}

absl::Status Device::Resume() const { return ToStatus(backend()->device_resume(get()), "device_resume"); }

absl::StatusOr<AddressSpace> AddressSpace::Create(const Device& device) {
  hal_vm* vm = nullptr;
  const hal_status status = device.backend()->vm_create(device.get(), &vm);
  if (status != HAL_OK) return ToStatus(status, "vm_create");
  AddressSpace space;
  space.handle_ = {device.backend(), vm};
  return space;
}

absl::Status AddressSpace::Bind(hal_vm_op* ops, size_t op_count) {
  return ToStatus(backend()->vm_bind(get(), ops, op_count, nullptr, 0, nullptr, 0), "vm_bind");
}

absl::Status AddressSpace::Advise(hal_va va, uint64_t size_bytes, hal_advice advice) {
  return ToStatus(backend()->vm_advise(get(), va, size_bytes, advice), "vm_advise");
}

absl::Status AddressSpace::SetLimit(hal_limit limit, uint64_t value) {
  return ToStatus(backend()->vm_set_limit(get(), limit, value), "vm_set_limit");
}

absl::Status AddressSpace::status() const { return ToStatus(backend()->vm_status(get()), "vm_status"); }

absl::StatusOr<hal_fault> AddressSpace::ReadFault() {
  hal_fault fault = {};
  fault.size = sizeof fault;
  const hal_status status = backend()->fault_read(get(), &fault);
  if (status != HAL_OK) return ToStatus(status, "fault_read");
  return fault;
}

}  // namespace tq::hal
