import type { ProblemPath, Violation } from '../validation/problem.ts';
import { asList, asRecord, asText, type UnknownRecord } from '../validation/unknown-data.ts';

/** Rules of the pod templates of a spec. */
export function checkTemplates(spec: UnknownRecord): Violation[] {
  return [...checkVersion(spec), ...checkDriverRestarts(spec)];
}

function checkVersion(spec: UnknownRecord): Violation[] {
  const major = /^(\d+)\./.exec(asText(spec['sparkVersion']) ?? '')?.[1];
  if (major === undefined || Number(major) >= 3) return [];
  return ['driver', 'executor']
    .filter((role) => asRecord(spec[role])['template'] !== undefined)
    .map((role) => ({
      path: [role, 'template'],
      code: 'not_supported',
      message: 'pod template feature requires Spark version 3.0.0 or higher',
    }));
}

/**
 * Kubernetes 1.35 and later restart a container in place by its own policy, whatever that of its pod is. The first end
 * of the driver's container is the recorded outcome: nothing would watch what runs after it.
 */
function checkDriverRestarts(spec: UnknownRecord): Violation[] {
  const containers = asList(asRecord(asRecord(asRecord(spec['driver'])['template'])['spec'])['containers']);
  const index = driverContainer(spec, containers);
  const { restartPolicy = 'Never', restartPolicyRules } = asRecord(containers[index]);
  const path = (field: string): ProblemPath => ['driver', 'template', 'spec', 'containers', index, field];
  const refused = {
    ...{ code: 'not_supported', message: 'would restart the driver inside its pod, unobserved' },
    remedy: 'remove the field, and set spec.restartPolicy of the application',
  };
  return [
    ...(restartPolicy === 'Never' ? [] : [{ path: path('restartPolicy'), ...refused }]),
    ...(asList(restartPolicyRules).length === 0 ? [] : [{ path: path('restartPolicyRules'), ...refused }]),
  ];
}

/** Which of the template's containers Spark takes for its own: that of its name, else the first. */
function driverContainer(spec: UnknownRecord, containers: readonly unknown[]): number {
  const name =
    asText(asRecord(spec['sparkConf'])['spark.kubernetes.driver.podTemplateContainerName']) ??
    'spark-kubernetes-driver';
  return Math.max(
    0,
    containers.findIndex((container) => asRecord(container)['name'] === name),
  );
}
