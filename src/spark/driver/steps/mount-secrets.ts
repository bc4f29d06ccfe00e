import type { Role } from '../../application/role.ts';
import { withPrefix } from '../../spark-conf.ts';
import { addVolumes, type FeatureStep } from '../driver-spec.ts';

/** `spark.kubernetes.ROLE.secrets.NAME=/path`. */
export const mountSecretsStep = (role: Role): FeatureStep => ({
  className: 'MountSecretsFeatureStep',
  keys: [`spark.kubernetes.${role}.secrets.`],
  apply(pod, { conf }) {
    return addVolumes(
      pod,
      Object.entries(withPrefix(conf, `spark.kubernetes.${role}.secrets.`)).map(([secretName, mountPath]) => ({
        volume: { name: `${secretName}-volume`, secret: { secretName } },
        mount: { name: `${secretName}-volume`, mountPath },
      })),
    );
  },
});
