// What a linker refuses: symbols that code names and nobody defines, and symbols with several definitions.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "compiler/index/link.h"

namespace tq::ptx {

struct NamedUnit {
  LinkUnit unit;
  std::string_view name;       // for messages
  bool is_of_library = false;  // counts only where another unit needs it
};

// The units that make up the program: all that are of no library, and those of libraries that define what the
// ones before leave undefined. In the order of `units`.
std::vector<size_t> ChooseUnits(std::span<const NamedUnit> units);

// One line for each error, in the order of the units; "" when there is none. Variables in `outside` and
// functions for which `is_provided` holds need no definition.
std::string CheckLink(std::span<const NamedUnit> units, const NameSet& outside,
                      const std::function<bool(std::string_view)>& is_provided);

}  // namespace tq::ptx
