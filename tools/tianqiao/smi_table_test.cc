#include "tools/tianqiao/smi_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace tq {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

SmiSnapshot TwoDevices() {
  SmiSnapshot snapshot = {"580.65.06", 13000, {}};
  SmiDevice device = {"Device of one", "00000000:00:01.0", 128 << 20, uint64_t{8} << 30, 57, {}, {}, {}};
  device.processes.push_back({4711, "/usr/bin/python3", 100 << 20});
  snapshot.devices.push_back(device);
  device.celsius = 61;
  device.milliwatts = 75400;
  device.processes = {{1, std::string(100, 'x') + "/end", 28 << 20}};
  snapshot.devices.push_back(device);
  return snapshot;
}

TEST(SmiTable, LinesAreOfOneWidth) {
  for (const std::string& line : Lines(FormatSmiTable(TwoDevices()))) EXPECT_EQ(line.size(), 80u) << line;
}

TEST(SmiTable, HoldsTheFigures) {
  const std::string text = FormatSmiTable(TwoDevices());
  for (const char* const part :
       {"Driver Version: 580.65.06", "CUDA Version: 13.0", "00000000:00:01.0", "128MiB / 8192MiB", "57%",
        "61C", "75W", "N/A", "4711", "/usr/bin/python3", "100MiB", "28MiB"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
  }
  EXPECT_NE(text.find("xxx/end"), std::string::npos) << "a long name keeps its end";
}

TEST(SmiTable, SaysThatNobodyIsThere) {
  EXPECT_NE(FormatSmiTable({"1", 12040, {}}).find("No running processes found"), std::string::npos);
}

}  // namespace
}  // namespace tq
