#include "operation.h"

#include "../exec/skipped.h"
#include "context.h"

namespace softcuda {

void perform(const Operation& operation, const Execution& execution) {
  if (operation.type == NodeType::kernel && kernels_are_skipped()) return;
  for (const Access& access : operation.accesses) {
    if (access.unless_zero != nullptr && *access.unless_zero == 0.f) continue;
    if (extent(access.touch) != 0) execution.context.memory().touch(access.touch, execution.number, execution.order);
  }
  operation.run(execution);
}

}  // namespace softcuda
