// What this process uses of the devices, told to the monitors of all processes (base/usage_record.h) from its
// first context on: a thread copies the devices' figures a few times a second.
#pragma once

namespace tq::core {

// Does so once. Thread-safe.
void ReportUsage();

}  // namespace tq::core
