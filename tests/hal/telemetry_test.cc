// Group telemetry: counters go up, notify_fd is pollable.
#include <poll.h>

#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

class HalTelemetry : public HalTest {};

TEST_F(HalTelemetry, ReportsWithoutWork) {
  const auto telemetry = device_.Telemetry();
  ASSERT_HAL_OK(telemetry);
  EXPECT_LE(telemetry->memory_used_bytes, device_.info().memory_bytes);
}

TEST_F(HalTelemetry, NotifyFdIsQuietWithoutFaults) {
  const auto fd = device_.NotifyFd();
  ASSERT_HAL_OK(fd);
  pollfd poll_fd = {.fd = *fd, .events = POLLIN, .revents = 0};
  EXPECT_GE(poll(&poll_fd, 1, 0), 0);
  EXPECT_EQ(poll_fd.revents & (POLLERR | POLLNVAL), 0);
}

}  // namespace
}  // namespace tq::hal
