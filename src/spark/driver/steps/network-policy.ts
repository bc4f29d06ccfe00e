import type { NetworkPolicy } from '../../../kubernetes/objects.ts';
import { addDependents, type FeatureStep } from '../driver-spec.ts';

/** Allows only pods of the application to reach its executors. */
export const networkPolicyStep: FeatureStep = {
  className: 'NetworkPolicyFeatureStep',
  rule: 'networkPolicy',
  apply(driver, { identity, submission }) {
    const application = { 'spark-app-selector': identity.sparkApplicationId };
    const policy: NetworkPolicy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: {
        name: `${identity.resourceNamePrefix}-policy`,
        namespace: submission.namespace,
        labels: application,
      },
      spec: {
        podSelector: { matchLabels: { ...application, 'spark-role': 'executor' } },
        ingress: [{ from: [{ podSelector: { matchLabels: application } }] }],
      },
    };
    return addDependents(driver, policy);
  },
};
