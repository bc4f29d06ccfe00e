import { addEnv, addProperties, addVolumes, type FeatureStep } from '../driver-spec.ts';

const CONFIG_MAP = 'spark.kubernetes.hadoop.configMapName';
const MOUNT_PATH = '/opt/hadoop/conf';

/** An existing ConfigMap with Hadoop's configuration. */
export const hadoopConfStep: FeatureStep = {
  className: 'HadoopConfDriverFeatureStep',
  keys: [CONFIG_MAP],
  apply(driver, { conf, rules }) {
    const name = conf[CONFIG_MAP];
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
