#include "operation.h"

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

}  // namespace softcuda
