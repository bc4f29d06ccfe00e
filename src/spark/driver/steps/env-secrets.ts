import type { Role } from '../../application/role.ts';
import { withPrefix } from '../../spark-conf.ts';
import { addEnv, type FeatureStep } from '../driver-spec.ts';
import { refuseInvalid } from '../../submission-refused.ts';

const prefixOf = (role: Role): string => `spark.kubernetes.${role}.secretKeyRef.`;

/** `spark.kubernetes.ROLE.secretKeyRef.ENV=name:key`. */
export const envSecretsStep = (role: Role): FeatureStep => ({
  className: 'EnvSecretsFeatureStep',
  keys: [prefixOf(role)],
  apply(pod, { conf }) {
    const prefix = prefixOf(role);
    const env = Object.entries(withPrefix(conf, prefix)).map(([variable, reference]) => {
      const [name, key, ...rest] = reference.split(':');
      if (!name || !key || rest.length > 0) {
        return refuseInvalid(`${prefix}${variable}`, `"${reference}" is not a reference`, 'Give SECRET:KEY.');
      }
      return { name: variable, valueFrom: { secretKeyRef: { name, key } } };
    });
    return addEnv(pod, ...env);
  },
});
