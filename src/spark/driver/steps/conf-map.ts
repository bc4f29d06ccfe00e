import type { ConfigMap } from '../../../kubernetes/objects.ts';
import { addDependents, addEnv, addVolumes, type DriverContext, type DriverSpec } from '../driver-spec.ts';
import { writeProperties } from '../write-properties.ts';

export const CONF_MOUNT_PATH = '/opt/spark/conf';

/**
 * The driver's own configuration, in a ConfigMap. It comes after all steps, because they add to it.
 * A template that sets SPARK_CONF_DIR keeps it: this is how a user's own ConfigMap replaces it.
 */
export function mountConf(driver: DriverSpec, { conf, identity, submission }: DriverContext): DriverSpec {
  const name = `${identity.resourceNamePrefix}-driver-conf-map`;
  const configMap: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: submission.namespace },
    immutable: true,
    data: {
      'spark.kubernetes.namespace': submission.namespace,
      'spark.properties': writeProperties(
        { ...conf, ...driver.properties },
        `Java properties built from Kubernetes config map with name: ${name}`,
      ),
    },
  };
  const mounted = addVolumes(addDependents(driver, configMap), [
    {
      volume: {
        name: 'spark-conf-volume-driver',
        configMap: { name, items: [{ key: 'spark.properties', mode: 0o644, path: 'spark.properties' }] },
      },
      mount: { name: 'spark-conf-volume-driver', mountPath: CONF_MOUNT_PATH },
    },
  ]);
  const isSet = driver.container.env?.some((variable) => variable.name === 'SPARK_CONF_DIR') ?? false;
  return isSet ? mounted : addEnv(mounted, { name: 'SPARK_CONF_DIR', value: CONF_MOUNT_PATH });
}
