#include "operation.h"

#include "context.h"

namespace softcuda {

void perform(const Operation& operation, const Execution& execution) {
  for (const Use& use : operation.uses) {
    if (use.unless_zero != nullptr && *use.unless_zero == 0.f) continue;
    if (extent(use.touch) != 0) execution.context.memory().touch(use.touch, execution.number, execution.order);
  }
  operation.run(execution);
}

}  // namespace softcuda
