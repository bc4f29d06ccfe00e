#!/bin/bash
# Records what real Spark prints when applications fail, for test/unit/failure-cause.
# Arguments: Spark's home (with bin, jars and python), the directory to write to, cases to record (default: all).
# Needs root, Java 17 with javac, and Python 3. Writes VERSION/CASE.exit-CODE.txt.
set -euo pipefail
export SPARK_HOME=$1 LC_ALL=C.UTF-8 SPARK_LOCAL_IP=127.0.0.1 PYTHONDONTWRITEBYTECODE=1
out=$(realpath "$2")
shift 2
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$work"' EXIT
cp -r "$here/apps" "$work/app"
cd "$work/app"
version=$(basename "$SPARK_HOME"/jars/spark-core_*.jar .jar)
version=${version##*-}

mkdir classes
javac -d classes -cp "$(printf %s: "$SPARK_HOME"/jars/*.jar)" com/acme/etl/*.java
jar --create --file orders.jar -C classes .
# The same for a Java that does not exist yet: class files begin with their version.
mkdir newer
cp -r classes/. newer
printf '\x00\x00\x00\x60' | dd of=newer/com/acme/etl/Orders.class bs=1 seek=4 conv=notrunc status=none
jar --create --file newer.jar -C newer .

# An API server that grants nothing.
python3 "$here/forbidding-api-server.py" > port &
until [[ -s port ]]; do :; done
api=k8s://http://127.0.0.1:$(cat port)

submit() { "$SPARK_HOME/bin/spark-submit" --conf spark.ui.enabled=false --driver-memory 512m "$@"; }
# Half of the options: a case adds its own.
jvm() { submit --master "${master:-local[2]}" --class com.acme.etl.Orders "${@:2}" orders.jar "$1"; }
python() { submit --master "local[2]" "${@:2}" orders.py "$1"; }

declare -A cases=(
  [jvm-nested]='jvm nested'
  [jvm-task]='jvm task'
  [jvm-path]='jvm path'
  [jvm-column]='jvm column'
  [jvm-namenode]='jvm namenode'
  [jvm-s3-missing]='jvm s3'
  [jvm-scheme]='jvm scheme'
  [jvm-metastore]='jvm metastore --conf spark.sql.catalogImplementation=hive --conf spark.hadoop.hive.metastore.uris=thrift://metastore.example.invalid:9083'
  [jvm-exists]='rm -rf out && jvm exists'
  [jvm-disk-full]='full_disk'
  [jvm-result-size]='jvm result --conf spark.driver.maxResultSize=1m'
  [jvm-heap]='jvm heap'
  [jvm-heap-exit]='jvm heap --driver-java-options -XX:+ExitOnOutOfMemoryError'
  [jvm-metaspace]='jvm metaspace --driver-java-options -XX:MaxMetaspaceSize=64m'
  [jvm-executor-killed]='master="local-cluster[1,1,512]" jvm killed-executor --conf spark.executor.memory=512m'
  [jvm-exit]='jvm exit'
  [jvm-tool-options]='JAVA_TOOL_OPTIONS=-Dteam=orders jvm nested'
  [jvm-sigterm]='terminated'
  [jvm-java-version]='submit --master "local[1]" --class com.acme.etl.Orders newer.jar nested'
  [submit-no-class]='submit --master "local[1]" --class com.acme.etl.Order orders.jar'
  [submit-no-jar]='submit --master "local[1]" --class com.acme.etl.Orders /opt/app/missing.jar'
  [submit-no-file]='submit --master "local[1]" /opt/app/missing.py'
  [submit-no-main]='submit --master "local[1]" orders.jar'
  [submit-option]='submit --mastre "local[1]" orders.jar'
  [submit-memory]='submit --master "local[1]" --conf spark.executor.memory=lots --class com.acme.etl.Orders orders.jar nested'
  [k8s-forbidden]='master=$api jvm nested --conf spark.kubernetes.driver.pod.name=orders-driver --conf spark.kubernetes.namespace=etl --conf spark.kubernetes.container.image=spark'
  [k8s-unreachable]='master=k8s://https://kubernetes.example.invalid jvm nested --conf spark.kubernetes.driver.pod.name=orders-driver --conf spark.kubernetes.container.image=spark --conf spark.kubernetes.namespace=etl'
  [python-exception]='python exception'
  [python-from]='python from'
  [python-path]='python path'
  [python-column]='python column'
  [python-task]='python task'
  [python-udf]='python udf'
  [python-result-size]='python result --conf spark.driver.maxResultSize=1m'
  [python-exit]='python exit'
  [python-exit-message]='python exit-message'
  [python-handled]='python handled'
  [python-sql]='python sql'
  [python-cast]='python cast'
  [python-syntax]='submit --master "local[1]" syntax.py'
  [python-module]='submit --master "local[1]" module.py'
)

full_disk() {
  mkdir -p small
  mount -t tmpfs -o size=8m tmpfs small
  jvm shuffle --conf spark.local.dir="$PWD/small" || code=$?
  umount small
  return "${code:-0}"
}

# The driver is terminated as the kubelet terminates it: its JVM receives SIGTERM.
terminated() {
  jvm wait &
  until pgrep -f "com.acme.etl.Orders orders.jar wai[t]" > pid && jcmd "$(head -1 pid)" Thread.print 2> /dev/null | grep -q Orders.withSpark; do sleep 1; done
  kill -TERM "$(head -1 pid)"
  wait $!
}

for name in ${*:-$(printf '%s\n' "${!cases[@]}" | sort)}; do
  eval "${cases[$name]}" > "$work/log" 2>&1 && code=0 || code=$?
  file=$out/$version/$name.exit-$code.txt
  mkdir -p "$out/$version"
  rm -f "$out/$version/$name.exit-"*
  # No name or address of the machine that records; of what Spark logs as INFO and WARN the first and the last lines.
  sed -E \
    -e "s#$(realpath "$SPARK_HOME")#/opt/spark#g; s#$SPARK_HOME#/opt/spark#g; s#$work/app#/opt/app#g; s#$work#/tmp/work#g" \
    -e "s#\b$(hostname)\b#orders-driver#g; s#127\.0\.(0|1)\.1#10.0.0.1#g; s#/(root|home/[a-z]+)/#/home/user/#g" \
    -e "s#/usr/local/lib/python#/usr/lib/python#g; s#OS info Linux, .*#OS info Linux, 6.1.0, amd64#; s#/root/\.pyenv[^ \"]*/lib/#/usr/lib/#g" "$work/log" \
    | awk '/^[0-9\/]+ [0-9:]+ / { slow = / AsyncEventQueue: Process of event/ } ! slow { print substr($0, 1, 1500) }' \
    | awk '/^[0-9\/]+ [0-9:]+ (INFO|WARN) / { if (++run > 4) { held[run % 4] = $0; next } print; next }
           { if (run > 4) for (n = run > 8 ? run - 3 : 5; n <= run; n++) print held[n % 4]; run = 0; print }
           END { if (run > 4) for (n = run > 8 ? run - 3 : 5; n <= run; n++) print held[n % 4] }' \
    > "$file"
  echo "$version $name: exit code $code, $(wc -c < "$file") bytes"
done
