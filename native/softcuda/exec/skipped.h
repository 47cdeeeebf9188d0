#pragma once

namespace softcuda {

// Option "kernels": run, or skip: kernels and library calls are taken and do nothing, so that what the host does can be measured alone.
// Apart from Options, which all translated kernels include.
bool kernels_are_skipped();

}  // namespace softcuda
