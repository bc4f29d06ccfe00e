import type { ConfigMap } from '../../../kubernetes/objects.ts';
import { addDependents, addProperties, addVolumes, type FeatureStep } from '../driver-spec.ts';

const MOUNT_PATH = '/opt/spark/pod-template';
const FILE_NAME = 'pod-spec-template.yml';
const KEY = 'podspec-configmap-key';

/** The executors' pod template, in a ConfigMap that the driver reads. */
export const podTemplateStep: FeatureStep = {
  className: 'PodTemplateConfigMapStep',
  apply(driver, { identity, submission }) {
    const template = submission.executorPodTemplate;
    if (template === undefined) return driver;
    const name = `${identity.resourceNamePrefix}-driver-podspec-conf-map`;
    const configMap: ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: submission.namespace },
      immutable: true,
      data: { [KEY]: JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...template }) },
    };
    const mounted = addVolumes(driver, [
      {
        volume: { name: 'pod-template-volume', configMap: { name, items: [{ key: KEY, path: FILE_NAME }] } },
        mount: { name: 'pod-template-volume', mountPath: MOUNT_PATH },
      },
    ]);
    return addProperties(addDependents(mounted, configMap), {
      'spark.kubernetes.executor.podTemplateFile': `${MOUNT_PATH}/${FILE_NAME}`,
    });
  },
};
