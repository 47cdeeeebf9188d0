#pragma once
#include "api.h"

// The calls of cuBLAS and cuSOLVER that the tests use, looked up as JCuda does.
#define BLAS(name, ...) static auto* const name = find<int(__VA_ARGS__)>("libcublas.so.12", #name)
#define SOLVER(name, ...) static auto* const name = find<int(__VA_ARGS__)>("libcusolver.so.11", #name)
BLAS(cublasCreate_v2, void**);
BLAS(cublasDestroy_v2, void*);
BLAS(cublasSetStream_v2, void*, void*);
BLAS(cublasSetPointerMode_v2, void*, int);
BLAS(cublasSgemm_v2, void*, int, int, int, int, int, const float*, const float*, int, const float*, int, const float*, float*, int);
BLAS(cublasSgemmStridedBatched, void*, int, int, int, int, int, const float*, const float*, int, long long, const float*, int, long long,
     const float*, float*, int, long long, int);
BLAS(cublasSgemmBatched, void*, int, int, int, int, int, const float*, const float* const*, int, const float* const*, int, const float*,
     float* const*, int, int);
BLAS(cublasSsymm_v2, void*, int, int, int, int, const float*, const float*, int, const float*, int, const float*, float*, int);
BLAS(cublasSsyrk_v2, void*, int, int, int, int, const float*, const float*, int, const float*, float*, int);
BLAS(cublasSsyrkx, void*, int, int, int, int, const float*, const float*, int, const float*, int, const float*, float*, int);
BLAS(cublasStrsm_v2, void*, int, int, int, int, int, int, const float*, const float*, int, float*, int);
BLAS(cublasStrmm_v2, void*, int, int, int, int, int, int, const float*, const float*, int, const float*, int, float*, int);
BLAS(cublasSgeam, void*, int, int, int, int, const float*, const float*, int, const float*, const float*, int, float*, int);
BLAS(cublasSdgmm, void*, int, int, int, const float*, int, const float*, int, float*, int);
BLAS(cublasSgemv_v2, void*, int, int, int, const float*, const float*, int, const float*, int, const float*, float*, int);
BLAS(cublasSger_v2, void*, int, int, const float*, const float*, int, const float*, int, float*, int);
BLAS(cublasSdot_v2, void*, int, const float*, int, const float*, int, float*);
BLAS(cublasSnrm2_v2, void*, int, const float*, int, float*);
BLAS(cublasSasum_v2, void*, int, const float*, int, float*);
BLAS(cublasSscal_v2, void*, int, const float*, float*, int);
BLAS(cublasSaxpy_v2, void*, int, const float*, const float*, int, float*, int);
BLAS(cublasScopy_v2, void*, int, const float*, int, float*, int);
BLAS(cublasDsyrk_v2);
SOLVER(cusolverDnCreate, void**);
SOLVER(cusolverDnDestroy, void*);
SOLVER(cusolverDnSetStream, void*, void*);
SOLVER(cusolverDnSpotrf, void*, int, int, float*, int, float*, int, int*);
SOLVER(cusolverDnSpotri, void*, int, int, float*, int, float*, int, int*);
SOLVER(cusolverDnSpotrs, void*, int, int, int, const float*, int, float*, int, int*);
SOLVER(cusolverDnSsyevd, void*, int, int, int, float*, int, float*, float*, int, int*);
SOLVER(cusolverDnSpotrf_bufferSize, void*, int, int, float*, int, int*);
SOLVER(cusolverDnSpotri_bufferSize, void*, int, int, float*, int, int*);
SOLVER(cusolverDnSsyevd_bufferSize, void*, int, int, int, const float*, int, const float*, int*);
SOLVER(cusolverDnDgetrf);
#undef BLAS
#undef SOLVER
