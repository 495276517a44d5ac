// The generator's random choices: registers, constants, and instructions written from patterns
// (operations.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "tests/fuzz/differential/program.h"

namespace tq::fuzz {

struct RegisterClass {
  char name;
  const char* type;
  uint32_t count;
  uint32_t size_bytes;
  const char* canonical;  // replaces a NaN before bits are looked at; nullptr: no float
};
std::span<const RegisterClass> RegisterClasses();
const RegisterClass& ClassOf(char name);

// A load and a store of the same shape; .S is the space, [A] the address.
struct MemoryForm {
  const char* load;
  const char* store;
  uint32_t size_bytes;
};
std::span<const MemoryForm> MemoryForms();

class Dice {
 public:
  // The same choices for the same seed.
  explicit Dice(uint64_t seed) : random_(seed) {}

  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }
  bool Chance(uint32_t percent) { return Below(100) < percent; }
  template <typename T, size_t n>
  T Pick(const T (&from)[n]) {
    return from[Below(n)];
  }
  template <typename T>
  T Pick(std::span<const T> from) {
    return from[Below(static_cast<uint32_t>(from.size()))];
  }
  // For labels and the registers that go with them.
  uint32_t NewId() { return next_id_++; }
  uint32_t id_count() const { return next_id_; }

  std::string Register(char name);
  std::string Source(char name);
  std::string Expand(std::string_view pattern);
  std::string Access(std::string_view pattern, const std::string& space, const std::string& address);
  std::string Guard();
  // An instruction that any thread may run anywhere.
  Statement Instruction();

 private:
  std::mt19937_64 random_;
  uint32_t next_id_ = 0;
};

inline Statement Line(std::string line) { return {.head = {std::move(line)}}; }

}  // namespace tq::fuzz
