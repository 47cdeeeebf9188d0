# For which instruction sets the operations and the translated kernels are compiled.
#   krongauss_operations_isas  of the operations
#   krongauss_translated_isas  of the translated kernels, which take as long again for each
# A build for others has v3, which every machine has that SoftCUDA runs on, and v4. One for this machine has the one that it would choose, and
# kernels are translated for that one alone, unless asked for others: elsewhere they are interpreted.
option(KRONGAUSS_PORTABLE "translate kernels for AVX2 and AVX-512, whatever this machine has" OFF)
set(krongauss_has_v4 ON)
set(flags "")
if(EXISTS /proc/cpuinfo)
  file(STRINGS /proc/cpuinfo flags REGEX "^flags" LIMIT_COUNT 1)
endif()
foreach(feature avx512f avx512bw avx512cd avx512dq avx512vl)
  if(NOT "${flags} " MATCHES "[ \t]${feature} ")
    set(krongauss_has_v4 OFF)
  endif()
endforeach()

if(KRONGAUSS_SANITIZE OR KRONGAUSS_FUZZ)
  set(krongauss_operations_isas v3)
elseif(KRONGAUSS_FOR STREQUAL any-machine)
  set(krongauss_operations_isas v3 v4)
elseif(krongauss_has_v4)
  set(krongauss_operations_isas v4)
else()
  set(krongauss_operations_isas v3)
endif()
if(KRONGAUSS_PORTABLE)
  set(krongauss_translated_isas v3 v4)
elseif(krongauss_has_v4)
  set(krongauss_translated_isas v4)
else()
  set(krongauss_translated_isas v3)
endif()
