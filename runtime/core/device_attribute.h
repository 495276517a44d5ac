// Values of CUdevice_attribute. Each row is a constant, a limit that the HAL reports, or a capability that is
// reported only where it works, since libraries choose their paths by it.
#pragma once

#include <vector>

namespace tq::core {

class Device;

// Indexed by attribute; an entry without value is not an attribute.
struct AttributeValue {
  bool known = false;
  int value = 0;
};
std::vector<AttributeValue> DeviceAttributes(const Device& device);

}  // namespace tq::core
