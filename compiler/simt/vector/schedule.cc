#include "compiler/simt/vector/schedule.h"

#include <algorithm>
#include <memory>

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/CFG.h"

namespace tq::simt::vector {
namespace {

constexpr unsigned kNone = ~0u;

}  // namespace

// The blocks of one loop (or of the function outside of loops), inner loops taken as one node each: a graph
// without cycles. Edges to the header and out of the loop lead to the scope's end.
struct Schedule::Scope {
  struct Node {
    const llvm::BasicBlock* entry = nullptr;  // the block, or the header of the inner loop
    const llvm::Loop* inner = nullptr;
    llvm::SmallVector<unsigned, 2> successors, predecessors;
    bool ends = false;  // has an edge to the scope's end
    bool diverges = false;
    unsigned dominator = kNone, post_dominator = kNone;  // kNone: the end
    unsigned mask = 0;
    bool rejoins = false;
  };
  std::vector<Node> nodes;                                    // in topological order
  llvm::DenseMap<const llvm::BasicBlock*, unsigned> node_of;  // by entry

  unsigned Meet(unsigned a, unsigned b) const;
  unsigned MeetBehind(unsigned a, unsigned b) const;
  bool PostDominates(unsigned later, unsigned earlier) const;
  bool LosesLanes(unsigned dominator, unsigned node) const;
};

// The common dominator of two nodes.
unsigned Schedule::Scope::Meet(unsigned a, unsigned b) const {
  while (a != b) (a > b ? a : b) = nodes[std::max(a, b)].dominator;
  return a;
}

// Their common post-dominator.
unsigned Schedule::Scope::MeetBehind(unsigned a, unsigned b) const {
  while (a != b && a != kNone && b != kNone) (a < b ? a : b) = nodes[std::min(a, b)].post_dominator;
  return a == b ? a : kNone;
}

bool Schedule::Scope::PostDominates(unsigned later, unsigned earlier) const {
  while (earlier < later) earlier = nodes[earlier].post_dominator;
  return earlier == later;
}

// Whether lanes that run `dominator` together may run `node` in part.
bool Schedule::Scope::LosesLanes(unsigned dominator, unsigned node) const {
  llvm::SmallVector<unsigned, 16> work(nodes[node].predecessors.begin(), nodes[node].predecessors.end());
  llvm::BitVector seen(static_cast<unsigned>(nodes.size()));
  while (!work.empty()) {
    const unsigned at = work.pop_back_val();
    if (seen.test(at)) continue;
    seen.set(at);
    if (nodes[at].diverges && !PostDominates(node, at)) return true;
    if (at != dominator) work.append(nodes[at].predecessors.begin(), nodes[at].predecessors.end());
  }
  return false;
}

Schedule::Schedule(llvm::Function& function, const llvm::LoopInfo& loops,
                   const llvm::DominatorTree& dominators,
                   llvm::function_ref<bool(const llvm::BasicBlock&)> diverges)
    : function_(function), loops_(loops), dominators_(dominators) {
  llvm::DenseSet<const llvm::BasicBlock*> divergent;
  for (const llvm::BasicBlock& block : function) {
    if (diverges(block)) divergent.insert(&block);
  }
  divergent_ = std::move(divergent);
  Order(nullptr);
  FindMasks(nullptr, 0);
  ResolveMasks();
  const auto count = static_cast<unsigned>(places_.size());
  for (Place& place : places_) place.waiting.resize(count);
  FindWaiting();
  FindGuards();
}

Schedule::~Schedule() = default;

bool Schedule::HasDivergentBlock(const llvm::Loop& loop) const {
  return std::any_of(loop.block_begin(), loop.block_end(),
                     [&](const llvm::BasicBlock* block) { return divergent_.contains(block); });
}

// Numbers the places of a scope. The next node is always one that has just become free, so that what a branch
// leads to stays together.
void Schedule::Order(const llvm::Loop* loop) {
  owned_scopes_.push_back(std::make_unique<Scope>());
  Scope& scope = *owned_scopes_.back();
  scopes_[loop] = &scope;
  const llvm::BasicBlock* entry = loop != nullptr ? loop->getHeader() : &function_.getEntryBlock();

  // The node of the scope that holds a block: itself, or the header of the inner loop around it; null behind
  // the end.
  auto entry_of = [&](const llvm::BasicBlock* block) -> const llvm::BasicBlock* {
    const llvm::Loop* inner = loops_.getLoopFor(block);
    if (loop != nullptr && !loop->contains(block)) return nullptr;
    if (inner == loop) return block == entry ? nullptr : block;
    while (inner->getParentLoop() != loop) inner = inner->getParentLoop();
    return inner->getHeader();
  };
  auto inner_of = [&](const llvm::BasicBlock* node) -> const llvm::Loop* {
    const llvm::Loop* inner = loops_.getLoopFor(node);
    if (inner == loop) return nullptr;
    while (inner->getParentLoop() != loop) inner = inner->getParentLoop();
    return inner;
  };
  using Targets = llvm::SmallSetVector<const llvm::BasicBlock*, 4>;
  // Null among the targets: the end.
  auto targets_of = [&](const llvm::BasicBlock* node) {
    Targets targets;
    const llvm::Loop* inner = inner_of(node);
    if (inner == nullptr) {
      for (const llvm::BasicBlock* next : llvm::successors(node)) targets.insert(entry_of(next));
    } else {
      llvm::SmallVector<llvm::BasicBlock*, 8> exits;
      inner->getExitBlocks(exits);
      for (const llvm::BasicBlock* next : exits) targets.insert(entry_of(next));
    }
    return targets;
  };

  llvm::DenseMap<const llvm::BasicBlock*, unsigned> entering;
  llvm::SmallVector<const llvm::BasicBlock*, 32> work = {entry};
  llvm::DenseSet<const llvm::BasicBlock*> seen = {entry};
  while (!work.empty()) {
    const llvm::BasicBlock* node = work.pop_back_val();
    for (const llvm::BasicBlock* next : targets_of(node)) {
      if (next == nullptr) continue;
      ++entering[next];
      if (seen.insert(next).second) work.push_back(next);
    }
  }

  work.push_back(entry);
  while (!work.empty()) {
    const llvm::BasicBlock* node = work.pop_back_val();
    const auto index = static_cast<unsigned>(scope.nodes.size());
    scope.node_of[node] = index;
    Scope::Node made;
    made.entry = node;
    made.inner = inner_of(node);
    scope.nodes.push_back(std::move(made));
    if (const llvm::Loop* inner = scope.nodes[index].inner) {
      Order(inner);
    } else {
      place_of_[node] = static_cast<unsigned>(places_.size());
      Place place;
      place.block = node;
      place.diverges = divergent_.contains(node);
      places_.push_back(std::move(place));
      if (llvm::succ_empty(node)) exit_ = place_of_[node];
    }
    for (const llvm::BasicBlock* next : targets_of(node)) {
      if (next != nullptr && --entering[next] == 0) work.push_back(next);
    }
  }
  if (loop != nullptr) {
    bottom_of_[loop] = static_cast<unsigned>(places_.size());
    Place bottom;
    bottom.block = entry;
    bottom.is_bottom = true;
    places_.push_back(std::move(bottom));
  }

  for (unsigned index = 0; index < scope.nodes.size(); ++index) {
    Scope::Node& node = scope.nodes[index];
    const Targets targets = targets_of(node.entry);
    for (const llvm::BasicBlock* next : targets) {
      if (next == nullptr) {
        node.ends = true;
        continue;
      }
      const unsigned to = scope.node_of[next];
      node.successors.push_back(to);
      scope.nodes[to].predecessors.push_back(index);
    }
    node.diverges = node.inner == nullptr ? divergent_.contains(node.entry)
                                          : targets.size() > 1 && HasDivergentBlock(*node.inner);
  }
}

void Schedule::FindMasks(const llvm::Loop* loop, unsigned entry_mask) {
  Scope& scope = *scopes_[loop];
  const auto count = static_cast<unsigned>(scope.nodes.size());
  for (unsigned i = 1; i < count; ++i) {
    Scope::Node& node = scope.nodes[i];
    node.dominator = node.predecessors[0];
    for (unsigned from : node.predecessors) node.dominator = scope.Meet(node.dominator, from);
  }
  for (unsigned i = count; i-- > 0;) {
    Scope::Node& node = scope.nodes[i];
    if (node.ends || node.successors.empty()) continue;
    node.post_dominator = node.successors[0];
    for (unsigned to : node.successors) node.post_dominator = scope.MeetBehind(node.post_dominator, to);
  }
  for (unsigned i = 0; i < count; ++i) {
    Scope::Node& node = scope.nodes[i];
    if (i == 0) {
      node.mask = entry_mask;
      node.rejoins = true;
    } else if (scope.LosesLanes(node.dominator, i)) {
      node.mask = place_of_[node.entry];
      node.rejoins = true;
    } else {
      node.mask = scope.nodes[node.dominator].mask;
      node.rejoins = scope.nodes[node.dominator].rejoins && scope.PostDominates(i, node.dominator);
    }
    if (node.inner == nullptr) {
      Place& place = places_[place_of_[node.entry]];
      place.mask = node.mask;
      place.rejoins = node.rejoins;
    }
  }
  for (const Scope::Node& node : scope.nodes) {
    if (node.inner == nullptr) continue;
    const unsigned header = place_of_[node.entry];
    entry_mask_[header] = node.mask;
    FindMasks(node.inner, header);
  }
  if (loop != nullptr && LeavesInPart(*loop)) diverging_loops_.insert(loop);
}

// Whether lanes of one turn may leave while others go on.
bool Schedule::LeavesInPart(const llvm::Loop& loop) const {
  const Scope& scope = *scopes_.lookup(&loop);
  const unsigned header = place_of_.lookup(loop.getHeader());
  llvm::SmallVector<llvm::BasicBlock*, 8> exiting;
  loop.getExitingBlocks(exiting);
  for (const llvm::BasicBlock* block : exiting) {
    const llvm::Loop* inner = loops_.getLoopFor(block);
    if (inner == &loop) {
      if (divergent_.contains(block) || places_[place_of_.lookup(block)].mask != header) return true;
      continue;
    }
    while (inner->getParentLoop() != &loop) inner = inner->getParentLoop();
    if (HasDivergentBlock(*inner) || scope.nodes[scope.node_of.lookup(inner->getHeader())].mask != header)
      return true;
  }
  return false;
}

// The header of a loop that all lanes turn together has the lanes that came to the loop.
void Schedule::ResolveMasks() {
  for (Place& place : places_) {
    for (;;) {
      const llvm::BasicBlock* root = places_[place.mask].block;
      const llvm::Loop* loop = loops_.getLoopFor(root);
      if (loop == nullptr || loop->getHeader() != root || diverging_loops_.contains(loop)) break;
      const unsigned entry = entry_mask_.lookup(place.mask);
      if (entry == place.mask) break;
      place.mask = entry;
    }
  }
}

unsigned Schedule::Target(const llvm::BasicBlock& from, const llvm::BasicBlock& to) const {
  const llvm::Loop* loop = loops_.getLoopFor(&to);
  if (loop != nullptr && loop->getHeader() == &to && loop->contains(&from)) return bottom_of_.lookup(loop);
  return place_of_.lookup(&to);
}

unsigned Schedule::BottomOf(const llvm::BasicBlock& header) const {
  const llvm::Loop* loop = loops_.getLoopFor(&header);
  return loop != nullptr && loop->getHeader() == &header ? bottom_of_.lookup(loop) : 0;
}

bool Schedule::LeavesDivergingLoop(const llvm::BasicBlock& from, const llvm::BasicBlock& to) const {
  for (const llvm::Loop* loop = loops_.getLoopFor(&from); loop != nullptr && !loop->contains(&to);
       loop = loop->getParentLoop()) {
    if (diverging_loops_.contains(loop)) return true;
  }
  return false;
}

template <typename Visit>
void Schedule::ForEachStep(unsigned place, Visit visit) {
  const Place& at = places_[place];
  if (at.is_bottom) {
    visit(llvm::ArrayRef<unsigned>());
    return;
  }
  llvm::SmallVector<unsigned, 4> targets;
  for (const llvm::BasicBlock* next : llvm::successors(at.block)) targets.push_back(Target(*at.block, *next));
  if (at.diverges) {
    visit(llvm::ArrayRef<unsigned>(targets));
  } else {
    for (unsigned target : targets) visit(llvm::ArrayRef<unsigned>(target));
  }
}

bool Schedule::Propagate(unsigned from, llvm::ArrayRef<unsigned> targets) {
  llvm::BitVector rest = places_[from].waiting;
  for (unsigned target : targets) rest.set(target);
  const int next = rest.find_first();
  if (next < 0) return false;
  rest.reset(static_cast<unsigned>(next));
  llvm::BitVector& waiting = places_[static_cast<unsigned>(next)].waiting;
  if (!rest.test(waiting)) return false;
  waiting |= rest;
  return true;
}

void Schedule::FindWaiting() {
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned i = 0; i < places_.size(); ++i) {
      changed |= Propagate(i, {});
      ForEachStep(i, [&](llvm::ArrayRef<unsigned> targets) { changed |= Propagate(i, targets); });
      if (!places_[i].is_bottom) continue;
      llvm::BitVector& header = places_[place_of_[places_[i].block]].waiting;
      if (!places_[i].waiting.test(header)) continue;
      header |= places_[i].waiting;
      changed = true;
    }
  }
}

Step Schedule::Next(unsigned place, llvm::ArrayRef<unsigned> targets) const {
  llvm::BitVector all = places_[place].waiting;
  for (unsigned target : targets) all.set(target);
  Step step;
  step.place = static_cast<unsigned>(all.find_first());
  const Place& next = places_[step.place];
  // Everyone takes this way; or nobody waits anywhere else; or whoever ran the block that this one's lanes
  // come from comes here.
  step.is_certain =
      step.place == exit_ || all.count() == 1 || (targets.size() == 1 && targets[0] == step.place);
  if (!step.is_certain && !next.is_bottom && next.mask != step.place && next.rejoins) {
    step.is_certain = next.mask == 0 || dominators_.dominates(places_[next.mask].block, places_[place].block);
  }
  return step;
}

void Schedule::FindGuards() {
  // A skip is a step of guarded places alone; guards found on the way add some.
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned i = 0; i < places_.size(); ++i) {
      auto note = [&](llvm::ArrayRef<unsigned> targets) {
        if (targets.empty() && places_[i].waiting.none()) return;
        const Step step = Next(i, targets);
        if (step.is_certain || places_[step.place].is_guarded) return;
        places_[step.place].is_guarded = true;
        changed = true;
      };
      ForEachStep(i, note);
      if (places_[i].is_guarded) note({});
    }
  }
}

bool Schedule::IsConverged(const llvm::BasicBlock& block) const {
  llvm::BitVector others = places_[PlaceOf(block)].waiting;
  others.reset(exit_);
  return others.none();
}

bool Schedule::MayWait(const llvm::BasicBlock& from, const llvm::BasicBlock& to) const {
  return places_[PlaceOf(from)].waiting.test(Target(from, to));
}

bool Schedule::CarriesAll(const llvm::BasicBlock& from, const llvm::BasicBlock& to) const {
  const Place& source = places_[PlaceOf(from)];
  return !source.diverges && source.mask == places_[PlaceOf(to)].mask;
}

}  // namespace tq::simt::vector
