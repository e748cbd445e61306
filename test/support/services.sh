#!/usr/bin/env bash
# Redis and Slurm for tests, on loopback and in a temporary folder: nothing of the machine's own is touched.
#   services.sh redis FOLDER   starts Redis (at REDIS_PORT, or a free port); prints REDIS_URL=...
#   services.sh slurm FOLDER   starts Slurm with one node; prints SLURM_CONF=...
#   services.sh stop FOLDER    stops what was started in the folder
# Exits 3 if the service is not installed.
set -euo pipefail
what=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
PATH=$PATH:/usr/sbin

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

case $what in
redis)
  command -v redis-server > /dev/null || exit 3
  port=${REDIS_PORT:-$(free_port)}
  redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$folder" --daemonize yes \
    --pidfile "$folder/redis.pid" --logfile "$folder/redis.log" > /dev/null
  for _ in $(seq 100); do
    redis-cli -p "$port" ping > /dev/null 2>&1 && break
    sleep 0.1
  done
  echo "REDIS_URL=redis://127.0.0.1:$port"
  ;;
slurm)
  for program in slurmctld slurmd sbatch; do command -v $program > /dev/null || exit 3; done
  host=$(hostname -s)
  user=$(id -un)
  mkdir -p "$folder/state" "$folder/spool"
  cat > "$folder/slurm.conf" << END
ClusterName=jouleflow
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000
MaxArraySize=${SLURM_MAX_ARRAY_SIZE:-1001}
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MailProg=/bin/true
ReturnToService=2
KillWait=10
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
  export SLURM_CONF=$folder/slurm.conf
  slurmctld -c -f "$SLURM_CONF"
  slurmd -c -f "$SLURM_CONF"
  for _ in $(seq 200); do
    [ "$(sinfo -h -o %t 2> /dev/null)" = idle ] && break
    sleep 0.1
  done
  if [ "$(sinfo -h -o %t)" != idle ]; then
    tail -n 20 "$folder"/slurm*.log >&2
    exit 1
  fi
  echo "SLURM_CONF=$SLURM_CONF"
  ;;
stop)
  for file in "$folder"/*.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    kill "$pid" 2> /dev/null || continue
    # What starts next at its port must not find it there.
    for _ in $(seq 100); do
      kill -0 "$pid" 2> /dev/null || break
      sleep 0.1
    done
  done
  ;;
esac
