#include "tests/fuzz/differential/reduce.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tq::fuzz {
namespace {

class Reducer {
 public:
  Reducer(Program program, const std::function<bool(const Program&)>& fails)
      : program_(std::move(program)), fails_(fails) {}

  Program Run() {
    do {
      changed_ = false;
      for (Function& function : program_.functions) ReduceList(function.body);
      ReduceLaunch();
    } while (changed_);
    return program_;
  }

 private:
  // Keeps what `edit` did to the program if it still fails; otherwise puts `place` back.
  template <typename T, typename Edit>
  bool Try(T& place, Edit edit) {
    T before = place;
    edit(place);
    if (fails_(program_)) return changed_ = true;
    place = std::move(before);
    return false;
  }

  void ReduceList(std::vector<Statement>& list) {
    // Halves first, then quarters, down to single statements.
    for (size_t run = std::max<size_t>(list.size() / 2, 1);; run /= 2) {
      for (size_t at = 0; at < list.size();) {
        const auto from = static_cast<std::ptrdiff_t>(at),
                   to = static_cast<std::ptrdiff_t>(std::min(at + run, list.size()));
        if (!Try(list, [&](auto& l) { l.erase(l.begin() + from, l.begin() + to); })) at += run;
      }
      if (run <= 1) break;
    }
    for (size_t i = 0; i < list.size(); ++i) {
      if (list[i].body.empty() && list[i].other.empty()) {
        ReduceLines(list[i]);
        continue;
      }
      if (Unwrap(list, i)) {
        --i;
        continue;
      }
      ReduceList(list[i].body);
      ReduceList(list[i].other);
    }
  }

  // The contents of an `if` or loop without it.
  bool Unwrap(std::vector<Statement>& list, size_t i) {
    return Try(list, [i](auto& l) {
      Statement statement = std::move(l[i]);
      l.erase(l.begin() + static_cast<std::ptrdiff_t>(i));
      l.insert(l.begin() + static_cast<std::ptrdiff_t>(i), statement.other.begin(), statement.other.end());
      l.insert(l.begin() + static_cast<std::ptrdiff_t>(i), statement.body.begin(), statement.body.end());
    });
  }

  void ReduceLines(Statement& statement) {
    for (size_t line = 0; line < statement.head.size();) {
      if (!Try(statement.head,
               [line](auto& head) { head.erase(head.begin() + static_cast<std::ptrdiff_t>(line)); }))
        ++line;
    }
  }

  void ReduceLaunch() {
    if (program_.blocks > 1) Try(program_.blocks, [](uint32_t& blocks) { blocks = 1; });
  }

  Program program_;
  const std::function<bool(const Program&)>& fails_;
  bool changed_ = false;
};

}  // namespace

Program Reduce(Program program, const std::function<bool(const Program&)>& fails) {
  return Reducer(std::move(program), fails).Run();
}

}  // namespace tq::fuzz
