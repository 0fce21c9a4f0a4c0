#!/bin/bash
# A small real Slurm on this machine: a controller and two nodes, each claiming CPUs, memory and GPUs that are none.
#   cluster.sh start|stop FOLDER      as root, on Debian or Ubuntu
# Everything but Debian's packages and two links in /etc/slurm lies in FOLDER.
set -euo pipefail
folder=$(realpath -m "$2")
export DEBIAN_FRONTEND=noninteractive
nodes="n1 n2" cpus=24 memory_mb=64000 gpus=4

running() { [ -s "$folder/$1.pid" ] && kill -0 "$(cat "$folder/$1.pid")" 2>/dev/null; }

until_true() {
  local what=$1; shift
  for _ in $(seq 120); do "$@" >/dev/null 2>&1 && return; sleep 0.5; done
  echo "$what did not come up, see the logs in $folder" >&2
  exit 1
}

install_packages() {
  dpkg -s slurm-wlm munge >/dev/null 2>&1 && return
  # Debian starts what it installs, unless this file says no.
  local veto=/usr/sbin/policy-rc.d
  if [ ! -e $veto ]; then
    trap "rm -f $veto" EXIT
    printf '#!/bin/sh\nexit 101\n' > $veto
    chmod +x $veto
  fi
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends slurm-wlm munge > "$folder/apt.log" 2>&1
}

write_configuration() {
  cat > "$folder/slurm.conf" <<END
ClusterName=faults
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
SlurmctldPort=26817
SlurmctldPidFile=$folder/slurmctld.pid
SlurmctldLogFile=$folder/slurmctld.log
StateSaveLocation=$folder/state
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmdLogFile=$folder/slurmd-%n.log
SlurmdSpoolDir=$folder/spool-%n
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
# A job that outgrows its memory is found every two seconds, and killed.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=2
JobAcctGatherParams=UsePss,OverMemoryKill
AccountingStorageType=accounting_storage/none
# A node that is silent so long is down, and comes back by itself.
SlurmdTimeout=20
ReturnToService=2
KillWait=10
GresTypes=gpu
END
  : > "$folder/gres.conf"
  for node in $nodes; do
    local device="$folder/gpu-$node-"
    for gpu in $(seq 0 $((gpus - 1))); do [ -e "$device$gpu" ] || mknod "$device$gpu" c 1 3; done
    echo "NodeName=$node Name=gpu File=$device[0-$((gpus - 1))]" >> "$folder/gres.conf"
    echo "NodeName=$node NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((27000 + ${node#n})) CPUs=$cpus" \
      "RealMemory=$memory_mb Gres=gpu:$gpus" >> "$folder/slurm.conf"
  done
  echo "PartitionName=all Nodes=${nodes/ /,} Default=YES State=UP" >> "$folder/slurm.conf"
}

# The executor plugin takes SLURM_CONF out of the environment of what it starts, so only the usual place serves.
link_configuration() {
  mkdir -p /etc/slurm
  for file in slurm.conf gres.conf; do
    if [ -e /etc/slurm/$file ] && [ "$(realpath /etc/slurm/$file)" != "$folder/$file" ]; then
      echo "this machine has a Slurm of its own: /etc/slurm/$file" >&2
      exit 1
    fi
    ln -sfn "$folder/$file" /etc/slurm/$file
  done
}

all_idle() { [ "$(sinfo -h -N -t idle,mix,alloc -o %N | sort -u | wc -l)" = 2 ]; }

start() {
  mkdir -p "$folder/state"
  install_packages
  write_configuration
  link_configuration
  if ! running munged; then
    [ -s "$folder/munge.key" ] || (umask 077; head -c 1024 /dev/urandom > "$folder/munge.key")
    munged --force --socket="$folder/munge.socket" --key-file="$folder/munge.key" --pid-file="$folder/munged.pid" \
      --log-file="$folder/munged.log" --seed-file="$folder/munged.seed"
  fi
  running slurmctld || slurmctld
  for node in $nodes; do running "slurmd-$node" || slurmd -N "$node"; done
  until_true "the nodes" all_idle
}

stop() {
  [ "$(realpath -m /etc/slurm/slurm.conf)" = "$folder/slurm.conf" ] || return 0
  squeue -h -o %A | sort -u | xargs -r scancel || true
  for name in slurmd-n1 slurmd-n2 slurmctld munged; do
    running $name || continue
    pid=$(cat "$folder/$name.pid")
    kill "$pid"
    for _ in $(seq 40); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
  done
  rm -f /etc/slurm/slurm.conf /etc/slurm/gres.conf
}

case $1 in start | stop) $1 ;; *) echo "usage: $0 start|stop FOLDER" >&2; exit 2 ;; esac
