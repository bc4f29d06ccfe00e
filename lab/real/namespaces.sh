# The first process of a lab's namespaces: when it ends, the kernel ends every other one in them.
# Arguments: the lab's directory, the cache's directory.
set -eu
lab=$1 cache=$2

# Nothing of the machine's own state is seen, or changed, from here; only the lab's two directories are.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/lab /run/cache
mount --bind "$lab" /run/lab
mount --bind "$cache" /run/cache
mount -t tmpfs -o mode=755 tmpfs /var/lib
mount -t tmpfs -o mode=755 tmpfs /var/log
for directory in "$lab" "$cache"; do
  mkdir -p "$directory"
done
mount --bind /run/lab "$lab"
mount --bind /run/cache "$cache"
mkdir -p "$lab/kubelet" /var/lib/kubelet
mount --bind "$lab/kubelet" /var/lib/kubelet

# A kubelet sets these for the whole machine. It leaves alone what has the value already, so it is shown that.
show() {
  [ "$(cat "/proc/sys/$1")" = "$2" ] && return
  file=/run/sysctl-$(echo "$1" | tr / -)
  echo "$2" > "$file"
  mount --bind "$file" "/proc/sys/$1"
}
show vm/overcommit_memory 1
show vm/panic_on_oom 0
show kernel/panic 10
show kernel/panic_on_oops 1
show kernel/keys/root_maxkeys 1000000
show kernel/keys/root_maxbytes 25000000

echo ready > "$lab/namespaces.ready"
# Waiting, a shell buries the processes whose parents have died.
sleep infinity &
wait
