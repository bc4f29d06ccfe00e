import { booleanOf } from '../../spark-conf.ts';
import { addEnv, addVolumes, type FeatureStep } from '../driver-spec.ts';

/** Scratch space: mounted volumes named `spark-local-dir-*`, else an emptyDir for each local directory. */
export const localDirsStep: FeatureStep = {
  className: 'LocalDirsFeatureStep',
  apply(pod, { conf, identity }) {
    const mounted = (pod.container.volumeMounts ?? [])
      .filter(({ name }) => name.startsWith('spark-local-dir-'))
      .map(({ mountPath }) => mountPath);
    if (mounted.length > 0) return addEnv(pod, { name: 'SPARK_LOCAL_DIRS', value: mounted.join(',') });
    const directories = (conf['spark.local.dir'] ?? `/var/data/spark-${identity.submissionId}`).split(',');
    const emptyDir = booleanOf(conf, 'spark.kubernetes.local.dirs.tmpfs', false) ? { medium: 'Memory' } : {};
    const volumes = directories.map((mountPath, index) => ({
      volume: { name: `spark-local-dir-${index + 1}`, emptyDir },
      mount: { name: `spark-local-dir-${index + 1}`, mountPath },
    }));
    return addEnv(addVolumes(pod, volumes), { name: 'SPARK_LOCAL_DIRS', value: directories.join(',') });
  },
};
