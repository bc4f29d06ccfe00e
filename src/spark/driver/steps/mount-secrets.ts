import { withPrefix } from '../../spark-conf.ts';
import { addVolumes, type FeatureStep } from '../driver-spec.ts';

/** `spark.kubernetes.driver.secrets.NAME=/path`. */
export const mountSecretsStep: FeatureStep = {
  className: 'MountSecretsFeatureStep',
  apply(driver, { conf }) {
    return addVolumes(
      driver,
      Object.entries(withPrefix(conf, 'spark.kubernetes.driver.secrets.')).map(([secretName, mountPath]) => ({
        volume: { name: `${secretName}-volume`, secret: { secretName } },
        mount: { name: `${secretName}-volume`, mountPath },
      })),
    );
  },
};
