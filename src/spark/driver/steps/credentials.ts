import type { Secret } from '../../../kubernetes/objects.ts';
import {
  addDependents,
  addProperties,
  addToPod,
  addVolumes,
  type DriverSpec,
  type FeatureStep,
} from '../driver-spec.ts';
import { refuseLocalFile } from '../../submission-refused.ts';

const PREFIX = 'spark.kubernetes.authenticate.driver';
const MOUNT_PATH = '/mnt/secrets/spark-kubernetes-credentials';

/** The driver's credentials for the API server: its service account, or a token given at submission. */
export const credentialsStep: FeatureStep = {
  className: 'DriverKubernetesCredentialsFeatureStep',
  apply(driver, { conf, identity, submission }) {
    for (const file of ['caCertFile', 'clientKeyFile', 'clientCertFile']) {
      const key = `${PREFIX}.${file}`;
      if (conf[key] !== undefined) {
        refuseLocalFile(
          key,
          `"${conf[key]}" is read on the submitting machine`,
          `Mount a secret and set ${PREFIX}.mounted.${file}`,
        );
      }
    }
    const token = conf[`${PREFIX}.oauthToken`];
    const redacted = Object.fromEntries(
      Object.keys(conf)
        .filter((key) => key.endsWith('oauthToken'))
        .map((key) => [key, '<present_but_redacted>']),
    );
    if (token === undefined) {
      return addProperties(withServiceAccount(driver, conf[`${PREFIX}.serviceAccountName`]), redacted);
    }
    const name = `${identity.resourceNamePrefix}-kubernetes-credentials`;
    const secret: Secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: submission.namespace },
      immutable: true,
      stringData: { 'oauth-token': token },
    };
    const mounted = addVolumes(driver, [
      {
        volume: { name: 'kubernetes-credentials', secret: { secretName: name } },
        mount: { name: 'kubernetes-credentials', mountPath: MOUNT_PATH },
      },
    ]);
    return addProperties(addDependents(mounted, secret), {
      ...redacted,
      [`${PREFIX}.mounted.oauthTokenFile`]: conf[`${PREFIX}.mounted.oauthTokenFile`] ?? `${MOUNT_PATH}/oauth-token`,
    });
  },
};

function withServiceAccount(driver: DriverSpec, name: string | undefined): DriverSpec {
  return name === undefined ? driver : addToPod(driver, { serviceAccount: name, serviceAccountName: name });
}
