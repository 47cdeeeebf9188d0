#!/usr/bin/env bash
# Slurm 22.05.8 of Debian 12 lists pmix among the types of `srun --mpi=list`, and `srun --mpi=pmix` says "can not load PMIx library", although libpmix2 is
# there: the plugin opens libpmix.so, without a version, a name that libpmix-dev alone brings. Open MPI's libraries there start under srun by PMIx only.
# Source: mpi_pmix_v4.so of slurm-wlm-basic-plugins and the files of libpmix2 and libpmix-dev. Debian 12 with amd64; nothing is installed.
. "$(dirname "$0")/common.sh"
apt-get download -qq slurm-wlm-basic-plugins=22.05.8-4+deb12u3 libpmix2=4.2.2-1+deb12u1 libpmix-dev=4.2.2-1+deb12u1 >/dev/null 2>&1
for package in slurm-wlm-basic-plugins libpmix2 libpmix-dev; do dpkg-deb -x ./"$package"_*.deb "$package"; done
plugin=$(find slurm-wlm-basic-plugins -name mpi_pmix_v4.so)
opened=$(grep -aoE 'libpmix\.so(\.[0-9]+)?' "$plugin" | sort -u | tr '\n' ' ')
holds() { # PACKAGE: whether a file or a link of it has the name that the plugin opens
  if [ -n "$(find "$1" -name "${opened% }")" ]; then echo has; else echo lacks; fi
}
seen="it opens ${opened% }, libpmix2 $(holds libpmix2) it, libpmix-dev $(holds libpmix-dev) it"
same "what Slurm's plugin for PMIx opens" \
  "it opens libpmix.so.2, libpmix2 has it, libpmix-dev lacks it" \
  "it opens libpmix.so, libpmix2 lacks it, libpmix-dev has it" "$seen"
