// Work shared out among processes, one of which may die of an item without taking the others along.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tq::tools {

// `work(i)` for each i below `count`, in some order, in `jobs` child processes of this one: what it says of
// an item, "" for nothing. An item that ends its process, or takes longer than `seconds_each`, is answered
// for: "crashed with signal N", "did not end in N s". `progress` is called in this process, about twice a
// second.
std::vector<std::string> RunInProcesses(size_t count, uint32_t jobs, uint32_t seconds_each,
                                        const std::function<std::string(size_t)>& work,
                                        const std::function<void(size_t done)>& progress);

}  // namespace tq::tools
