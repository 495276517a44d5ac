// What every program of bench/ shares, whatever it runs on: its inputs, the check of its result, and the
// measurement, whose outcome bench/run reads as one line of JSON.
#pragma once

#include <dirent.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace tq::bench {

// --small: the sizes of the tests, and no measurement. --seconds=S: how long to measure.
struct Options {
  Options(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      small |= std::strcmp(argv[i], "--small") == 0;
      if (std::strncmp(argv[i], "--seconds=", 10) == 0) seconds = std::atof(argv[i] + 10);
    }
  }

  bool small = false;
  double seconds = 0.5;
};

// What bounds a program on a perfect machine of this kind; bench/run measures the bounds.
enum class Limit { kNone, kMemory, kArithmetic };

// What one step does, in units times seconds: {2e-9 * n * n * n, "GFLOP/s"}.
struct Cost {
  double amount;
  const char* unit;
  Limit limit = Limit::kNone;
};

inline double Now(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// What all threads of the process have used. The process's clock alone brings only the calling thread up to
// date: a worker that spins when it is read is charged at the next tick, and the least of many samples would
// be one that lacks the worker's time. To read a thread's own clock (its number's complement above the bits
// for "a thread, as scheduled", clock_getcpuclockid(3)) brings that thread up to date.
inline double CpuTime() {
  if (DIR* tasks = opendir("/proc/self/task")) {
    while (const dirent* entry = readdir(tasks)) {
      const int thread = std::atoi(entry->d_name);
      timespec ignored;
      if (thread != 0)
        clock_gettime(static_cast<clockid_t>(~static_cast<unsigned>(thread) << 3 | 6), &ignored);
    }
    closedir(tasks);
  }
  return Now(CLOCK_PROCESS_CPUTIME_ID);
}

// The frequency in GHz: additions that wait for each other take a cycle each. 0 where nobody wrote them down.
inline double Frequency() {
#if defined(__x86_64__)
  constexpr int kRounds = 200000;
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    uint64_t x = 0;
    const double start = Now(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < kRounds; ++i) {
      __asm__ volatile(
          "add $1, %0; add $1, %0; add $1, %0; add $1, %0; add $1, %0;"
          "add $1, %0; add $1, %0; add $1, %0; add $1, %0; add $1, %0"
          : "+r"(x));
    }
    best = std::max(best, 10e-9 * kRounds / (Now(CLOCK_PROCESS_CPUTIME_ID) - start));
  }
  return best;
#else
  return 0;
#endif
}

inline std::vector<float> RandomFloats(size_t count, float low, float high, uint32_t seed = 1) {
  std::vector<float> values(count);
  for (float& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = low + (high - low) * static_cast<float>(seed >> 8) * 0x1p-24f;
  }
  return values;
}

inline std::vector<uint32_t> RandomWords(size_t count, uint32_t seed = 1) {
  std::vector<uint32_t> values(count);
  for (uint32_t& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = seed ^ seed >> 15;
  }
  return values;
}

inline bool IsClose(double actual, double expected, double tolerance) {
  return std::fabs(actual - expected) <= tolerance * std::max(1.0, std::fabs(expected));
}

// Runs the step once and checks what `fetch` brings back; then, unless the sizes are the small ones, measures
// the least time that a step takes on the process's and on the wall's clock.
template <class Problem, class Step, class Fetch>
int Measure(const Options& options, Problem& problem, Step step, Fetch fetch) {
  step();
  fetch();
  if (!problem.IsRight()) {
    std::printf("wrong\n");
    return 1;
  }
  if (options.small) {
    std::printf("right\n");
    return 0;
  }
  // Samples of at least five milliseconds, so that the clocks do not count.
  const double begin = Now(CLOCK_MONOTONIC);
  step();
  const int steps_per_sample = std::clamp(static_cast<int>(5e-3 / (Now(CLOCK_MONOTONIC) - begin)), 1, 100000);
  double cpu = 1e30, wall = 1e30, total_cpu = 0;
  int samples = 0;
  const double deadline = Now(CLOCK_MONOTONIC) + options.seconds;
  while (samples < 3 || Now(CLOCK_MONOTONIC) < deadline) {
    const double cpu_begin = CpuTime(), wall_begin = Now(CLOCK_MONOTONIC);
    for (int i = 0; i < steps_per_sample; ++i) step();
    wall = std::min(wall, (Now(CLOCK_MONOTONIC) - wall_begin) / steps_per_sample);
    const double sample_cpu = (CpuTime() - cpu_begin) / steps_per_sample;
    cpu = std::min(cpu, sample_cpu);
    total_cpu += sample_cpu;
    ++samples;
  }
  constexpr const char* kLimits[] = {"none", "memory", "arithmetic"};
  const Cost cost = problem.cost();
  std::printf(
      "{\"cpu_s\": %.9g, \"cpu_mean_s\": %.9g, \"wall_s\": %.9g, \"amount\": %.9g, \"unit\": \"%s\", "
      "\"limit\": \"%s\", "
      "\"samples\": %d, \"ghz\": %.3f}\n",
      cpu, total_cpu / samples, wall, cost.amount, cost.unit, kLimits[static_cast<int>(cost.limit)], samples,
      Frequency());
  return 0;
}

}  // namespace tq::bench
