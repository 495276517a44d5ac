// LTO-IR, which NVIDIA's compiler alone reads: given to the toolkit's own libnvJitLink, where there is one,
// which makes PTX of it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tq::nvjitlink {

struct LtoIrUnit {
  std::string name, bytes;
};

// The PTX of all units together. `options` are those of nvJitLinkCreate. False, with what there is to say in
// `log`, where the toolkit has no such library, or it fails.
bool CompileLtoIr(const std::vector<LtoIrUnit>& units, std::vector<std::string> options, std::string& ptx,
                  std::string& log);

}  // namespace tq::nvjitlink
