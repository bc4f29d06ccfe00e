#!/bin/bash
# What a pod's arguments mean to a Spark image: `driver …` runs spark-submit in client mode, `executor …` runs an
# executor whose settings come from its environment, anything else is a command of its own.
set -euo pipefail

readonly spark_home=${SPARK_HOME:-/opt/spark}

# Hadoop asks for the name of the user, and an arbitrary UID has none.
if ! getent passwd "$(id -u)" > /dev/null && [[ -w /etc/passwd ]]; then
  echo "${SPARK_USER_NAME:-spark}:x:$(id -u):0::$spark_home:/usr/sbin/nologin" >> /etc/passwd
fi

if [[ -n ${HADOOP_HOME:-} && -z ${SPARK_DIST_CLASSPATH:-} ]]; then
  SPARK_DIST_CLASSPATH=$("$HADOOP_HOME/bin/hadoop" classpath)
  export SPARK_DIST_CLASSPATH
fi

case ${1:-} in
  driver)
    shift
    exec /usr/bin/tini -s -- "$spark_home/bin/spark-submit" \
      --conf "spark.driver.bindAddress=$SPARK_DRIVER_BIND_ADDRESS" \
      --conf "spark.executorEnv.SPARK_DRIVER_POD_IP=$SPARK_DRIVER_BIND_ADDRESS" \
      --deploy-mode client \
      "$@"
    ;;

  executor)
    shift
    java_options=()
    while IFS= read -r variable; do
      java_options+=("${!variable}")
    done < <(compgen -v SPARK_JAVA_OPT_ | sort -t _ -k 4 -n)

    class_path=${SPARK_CLASSPATH:-}:$spark_home/jars/*
    class_path+=${SPARK_EXTRA_CLASSPATH:+:$SPARK_EXTRA_CLASSPATH}
    class_path=${HADOOP_CONF_DIR:+$HADOOP_CONF_DIR:}$class_path
    class_path=${SPARK_CONF_DIR:-$spark_home/conf}:$class_path:$PWD

    exec /usr/bin/tini -s -- "$JAVA_HOME/bin/java" \
      "${java_options[@]}" \
      "-Xms$SPARK_EXECUTOR_MEMORY" \
      "-Xmx$SPARK_EXECUTOR_MEMORY" \
      -cp "$class_path:${SPARK_DIST_CLASSPATH:-}" \
      org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
      --driver-url "$SPARK_DRIVER_URL" \
      --executor-id "$SPARK_EXECUTOR_ID" \
      --cores "$SPARK_EXECUTOR_CORES" \
      --app-id "$SPARK_APPLICATION_ID" \
      --hostname "$SPARK_EXECUTOR_POD_IP" \
      --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \
      --podName "$SPARK_EXECUTOR_POD_NAME" \
      "$@"
    ;;

  *)
    exec "$@"
    ;;
esac
