// Another process that has a timeline semaphore and shares it: a program on the hardware layer alone. It says
// which descriptor the semaphore has, and then does what the lines on its standard input say.
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "hal/device.h"
#include "hal/error.h"
#include "hal/loader.h"
#include "hal/semaphore.h"

int main() {
  const hal_init init = {.size = sizeof init};
  const auto backend = tq::hal::LoadBackend("cpu", init);
  if (!backend.ok()) return 1;
  const auto device = tq::hal::Device::Open(*backend, 0);
  if (!device.ok()) return 1;
  auto semaphore = tq::hal::Semaphore::Create(*backend, device->get(), 0);
  if (!semaphore.ok()) return 1;
  const auto shared = semaphore->Export(HAL_HANDLE_FD);
  if (!shared.ok()) return 1;
  for (std::string command; std::cin >> command;) {
    uint64_t value = 0;
    absl::Status status;
    if (command == "descriptor") {
      value = static_cast<uint64_t>(shared->fd);
    } else if (command == "signal" && std::cin >> value) {
      status = semaphore->Signal(value);
    } else if (command == "wait" && std::cin >> value) {
      status = semaphore->Wait(value);
    } else if (command == "query") {
      const auto reached = semaphore->Query();
      status = reached.status();
      if (reached.ok()) value = *reached;
    } else {
      return 2;
    }
    std::cout << tq::hal::ToHalStatus(status) << ' ' << value << std::endl;
  }
  return 0;
}
