#include "operation.h"

#include "context.h"

namespace softcuda {

bool GraphPlan::precedes(size_t earlier, size_t step) const {
  std::call_once(once_, [this] {
    ancestors_.resize(steps.size());
    for (size_t i = 0; i < steps.size(); ++i) {
      std::vector<bool>& mine = ancestors_[i];
      mine.resize(i, false);
      for (size_t dependency : steps[i].dependencies) {
        mine[dependency] = true;
        for (size_t j = 0; j < dependency; ++j) {
          if (ancestors_[dependency][j]) mine[j] = true;
        }
      }
    }
  });
  return earlier < step && ancestors_[step][earlier];
}

void perform(const Operation& operation, const Execution& execution) {
  for (const Access& access : operation.accesses) {
    if (access.unless_zero != nullptr && *access.unless_zero == 0.f) continue;
    if (extent(access.touch) != 0) execution.context.memory().touch(access.touch, execution.number, execution.order);
  }
  operation.run(execution);
}

}  // namespace softcuda
