#include "run.h"

#include <new>

#include "../exec/device_count.h"
#include "../exec/print.h"
#include "context.h"
#include "devices.h"

namespace softcuda {
namespace {

void run_one(const Entry& entry, const Operation& operation, const Order* order, uint32_t number) {
  if (operation.type == NodeType::host) Prints::all().flush();
  // A host function tells the host in its own ways that all before it has ended.
  if (entry.view != nullptr && operation.type == NodeType::host) entry.context->device().timeline().host_waited(entry.view->before());
  perform(operation, Execution{*entry.context, number, order});
}

void run_node(const Entry& entry, size_t node) {
  const GraphPlan& plan = *entry.operation->graph;
  const Operation& step = *plan.steps[node].operation;
  try {
    if (entry.view == nullptr) {
      run_one(entry, step, nullptr, 0);
    } else {
      const NodeView view(*entry.view, plan, node);
      run_one(entry, step, &view, entry.view->first() + static_cast<uint32_t>(node));
    }
  } catch (const Failure& failure) {
    throw Failure(failure.result,
                  "node " + std::to_string(node) + " of " + std::to_string(plan.steps.size()) + ", " + step.name + ": " + failure.what());
  }
}

template <class Body>
void run_in_context(const Entry& entry, Body&& body) noexcept {
  Context& context = *entry.context;
  if (context.failed()) return;
  const auto fail = [&](int result, const char* what) {
    const std::string device = device_count() > 1 ? "device " + std::to_string(context.device().ordinal()) + ", " : "";
    context.fail(result, device + entry.operation->name + ": " + what);
  };
  try {
    body();
  } catch (const Failure& failure) {
    fail(failure.result, failure.what());
  } catch (const std::bad_alloc&) {
    fail(kOutOfMemory, "the host has no more memory");
  } catch (const std::exception& error) {
    fail(kUnknown, error.what());
  }
}

}  // namespace

void run_entry(const Entry& entry) noexcept {
  run_in_context(entry, [&] {
    if (entry.operation->graph != nullptr) {
      for (size_t node = 0; node < entry.operation->graph->steps.size(); ++node) run_node(entry, node);
    } else {
      run_one(entry, *entry.operation, entry.view.get(), entry.view != nullptr ? entry.view->first() : 0);
    }
  });
}

void run_piece(const Scheduler::Piece& piece) noexcept {
  if (piece.nothing) return;
  const Entry& entry = *piece.entry;
  run_in_context(entry, [&] {
    if (entry.operation->graph != nullptr) {
      run_node(entry, piece.node);
    } else {
      run_one(entry, *entry.operation, entry.view.get(), entry.view->first());
    }
  });
}

bool is_host_function(const Scheduler::Piece& piece) {
  const Operation* operation = piece.entry->operation.get();
  if (operation->graph != nullptr) {
    if (piece.nothing) return false;
    operation = operation->graph->steps[piece.node].operation.get();
  }
  return operation->type == NodeType::host;
}

}  // namespace softcuda
