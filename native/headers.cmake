# krongauss_headers(target header ...)
# Parses these headers once for all sources of the target. Not with a compiler launcher: ccache keeps no object that was made with a
# precompiled header.
function(krongauss_headers target)
  if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()
