import { withPrefix } from '../../spark-conf.ts';
import { addEnv, type FeatureStep } from '../driver-spec.ts';
import { refuseInvalid } from '../../submission-refused.ts';

const PREFIX = 'spark.kubernetes.driver.secretKeyRef.';

/** `spark.kubernetes.driver.secretKeyRef.ENV=name:key`. */
export const envSecretsStep: FeatureStep = {
  className: 'EnvSecretsFeatureStep',
  apply(driver, { conf }) {
    const env = Object.entries(withPrefix(conf, PREFIX)).map(([variable, reference]) => {
      const [name, key, ...rest] = reference.split(':');
      if (!name || !key || rest.length > 0) {
        return refuseInvalid(`${PREFIX}${variable}`, `"${reference}" is not a reference`, 'Give SECRET:KEY.');
      }
      return { name: variable, valueFrom: { secretKeyRef: { name, key } } };
    });
    return addEnv(driver, ...env);
  },
};
