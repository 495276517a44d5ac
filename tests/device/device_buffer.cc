#include "tests/device/device_buffer.h"

#include <algorithm>
#include <cstring>

#include "tests/device/or_die.h"

namespace tq::test {

DeviceBuffer::DeviceBuffer(const hal::Device& device, hal::AddressSpace& vm, size_t size_bytes)
    : memory_(OrDie(hal::Memory::Create(device, std::max<size_t>(size_bytes, 16), HAL_MEM_HOST_VISIBLE))) {
  hal_vm_op op = {.size = sizeof(hal_vm_op),
                  .kind = HAL_VM_OP_MAP,
                  .access = HAL_VM_READ | HAL_VM_WRITE,
                  .size_bytes = memory_.info().size_bytes,
                  .mem = memory_.get()};
  const absl::Status bound = vm.Bind(&op, 1);
  if (!bound.ok()) Die(bound.ToString());
  va_ = op.va;
  std::memset(memory_.host_ptr(), 0, size_bytes);
}

}  // namespace tq::test
