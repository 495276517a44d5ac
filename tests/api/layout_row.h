// What a header says about a type, an enumerator or a prototype, so that two headers can be compared that
// cannot be included together.
#pragma once

#include <string>
#include <vector>

struct LayoutRow {
  std::string what;
  std::string value;
};

std::vector<LayoutRow> OurLayout();
std::vector<LayoutRow> ToolkitLayout();
