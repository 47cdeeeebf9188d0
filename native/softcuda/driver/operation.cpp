#include "operation.h"

#include "context.h"

namespace softcuda {

void perform(const Operation& operation, const Execution& execution) {
  for (const Access& access : operation.accesses) {
    if (access.unless_zero != nullptr && *access.unless_zero == 0.f) continue;
    if (extent(access.touch) != 0) execution.context.memory().touch(access.touch, execution.number, execution.order);
  }
  operation.run(execution);
}

}  // namespace softcuda
