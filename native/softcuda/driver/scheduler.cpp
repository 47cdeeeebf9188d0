#include "scheduler.h"

#include <algorithm>

namespace softcuda {

void Scheduler::add(Entry entry) {
  pending_.insert(entry.ticket);
  const uint32_t slot = entry.view->slot();
  const auto found = lines_.find(slot);
  Line& line = found != lines_.end() ? found->second : lines_[slot];
  if (found == lines_.end()) line.priority = static_cast<uint32_t>(random_());
  Item item;
  if (const GraphPlan* const plan = entry.operation->graph.get()) {
    item.left = plan->steps.size();
    for (size_t i = 0; i < plan->steps.size(); ++i) {
      item.missing.push_back(plan->steps[i].dependencies.size());
      if (item.missing.back() == 0) item.ready.push_back(i);
    }
  }
  item.entry = std::move(entry);
  line.items.push_back(std::move(item));
}

Scheduler::Piece Scheduler::pick() {
  constexpr size_t kRedraw = 30, kAny = 10;
  if (below(kRedraw) == 0) {
    for (auto& line : lines_) line.second.priority = static_cast<uint32_t>(random_());
  }
  std::vector<Line*> ready;
  for (auto& line : lines_) {
    if (!line.second.items.empty() && ended_.covers(line.second.items.front().entry.view->before())) ready.push_back(&line.second);
  }
  const auto first = std::max_element(ready.begin(), ready.end(), [](const Line* a, const Line* b) { return a->priority < b->priority; });
  Line& line = below(kAny) == 0 ? *ready[below(ready.size())] : **first;
  Item& item = line.items.front();
  if (item.entry.operation->graph == nullptr) return Piece{&item.entry, 0, false};
  if (item.left == 0) return Piece{&item.entry, 0, true};
  std::swap(item.ready[below(item.ready.size())], item.ready.back());
  const size_t node = item.ready.back();
  item.ready.pop_back();
  return Piece{&item.entry, node, false};
}

std::optional<Entry> Scheduler::finish(const Piece& piece) {
  Line& line = lines_[piece.entry->view->slot()];
  Item& item = line.items.front();
  if (const GraphPlan* const plan = item.entry.operation->graph.get(); plan != nullptr && item.left != 0) {
    for (size_t i = piece.node + 1; i < plan->steps.size(); ++i) {
      const std::vector<size_t>& needed = plan->steps[i].dependencies;
      if (std::find(needed.begin(), needed.end(), piece.node) != needed.end() && --item.missing[i] == 0) item.ready.push_back(i);
    }
    if (--item.left != 0) return std::nullopt;
  }
  Entry entry = std::move(item.entry);
  line.items.pop_front();
  ended_.advance(entry.view->slot(), entry.view->last());
  pending_.erase(entry.ticket);
  return entry;
}

}  // namespace softcuda
