import { addEnv, addProperties, addVolumes, type FeatureStep } from '../driver-spec.ts';

const MOUNT_PATH = '/opt/hadoop/conf';

/** An existing ConfigMap with Hadoop's configuration. */
export const hadoopConfStep: FeatureStep = {
  className: 'HadoopConfDriverFeatureStep',
  apply(driver, { conf, rules }) {
    const name = conf['spark.kubernetes.hadoop.configMapName'];
    if (name === undefined) return driver;
    const mounted = addVolumes(driver, [
      {
        volume: { name: 'hadoop-properties', configMap: { name } },
        mount: { name: 'hadoop-properties', mountPath: MOUNT_PATH },
      },
    ]);
    return addProperties(
      addEnv(mounted, { name: 'HADOOP_CONF_DIR', value: MOUNT_PATH }),
      rules.executorHadoopConfigMap ? { 'spark.kubernetes.executor.hadoopConfigMapName': name } : {},
    );
  },
};
