import { booleanOf, listOf, withPrefix, type SparkConf } from '../../spark-conf.ts';
import { driverLabels, driverPorts, substituteIds } from '../endpoint.ts';
import type { Container } from '../../../kubernetes/objects.ts';
import {
  addEnv,
  addProperties,
  DRIVER_CONTAINER_NAME,
  type DriverContext,
  type DriverSpec,
  type FeatureStep,
} from '../driver-spec.ts';
import { containerMemory, javaDouble } from '../../memory.ts';
import { refuseInvalid, refuseMissingImage } from '../../submission-refused.ts';

/** Container, image, ports, environment, metadata and resources. */
export const basicStep: FeatureStep = {
  className: 'BasicDriverFeatureStep',
  apply(driver, context) {
    const { conf, identity, language, rules } = context;
    const memory = containerMemory(conf, 'driver', language, rules);
    const withEnv = addEnv(
      driver,
      { name: 'SPARK_USER', value: context.sparkUser },
      { name: 'SPARK_APPLICATION_ID', value: identity.sparkApplicationId },
      ...Object.entries(withPrefix(conf, 'spark.kubernetes.driverEnv.')).map(([name, value]) => ({ name, value })),
      { name: 'SPARK_DRIVER_BIND_ADDRESS', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
    );
    return addProperties(
      {
        ...withEnv,
        metadata: metadata(driver, context),
        pod: pod(driver, conf),
        container: {
          ...withEnv.container,
          // A template may leave it out.
          name: (withEnv.container as Partial<Container>).name ?? DRIVER_CONTAINER_NAME,
          image: image(context),
          imagePullPolicy: conf['spark.kubernetes.container.image.pullPolicy'] ?? 'IfNotPresent',
          ports: [
            ...(driver.container.ports ?? []),
            ...driverPorts(conf, rules).all.map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' })),
          ],
          resources: resources(driver, conf, `${memory.totalMib}Mi`),
          ...(rules.privilegeEscalation && {
            securityContext: { ...driver.container.securityContext, allowPrivilegeEscalation: mayEscalate(conf) },
          }),
        },
      },
      {
        'spark.kubernetes.driver.pod.name': identity.driverPodName,
        'spark.app.id': identity.sparkApplicationId,
        'spark.kubernetes.submitInDriver': 'true',
        'spark.kubernetes.memoryOverheadFactor': javaDouble(memory.defaultOverheadFactor),
      },
    );
  },
};

function image({ conf, rules, submission }: DriverContext): string {
  const image = conf['spark.kubernetes.driver.container.image'] ?? conf['spark.kubernetes.container.image'];
  if (image === undefined) {
    return refuseMissingImage('the driver has no image', 'spec.driver.image');
  }
  return rules.sparkVersionInImage ? image.replaceAll('{{SPARK_VERSION}}', submission.sparkVersion) : image;
}

function mayEscalate(conf: SparkConf): boolean {
  const key = 'securityContext.allowPrivilegeEscalation';
  const ofBothRoles = booleanOf(conf, `spark.kubernetes.${key}`, false);
  return booleanOf(conf, `spark.kubernetes.driver.${key}`, ofBothRoles);
}

function metadata(driver: DriverSpec, context: DriverContext): DriverSpec['metadata'] {
  const { conf, identity, submission } = context;
  const annotations = { ...driver.metadata.annotations };
  for (const [name, value] of Object.entries(withPrefix(conf, 'spark.kubernetes.driver.annotation.'))) {
    annotations[name] = substituteIds(value, identity.sparkApplicationId);
  }
  return {
    ...driver.metadata,
    name: identity.driverPodName,
    namespace: submission.namespace,
    labels: { ...driver.metadata.labels, ...driverLabels(context) },
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}

function pod({ pod }: DriverSpec, conf: SparkConf): DriverSpec['pod'] {
  const nodeSelector = {
    ...pod.nodeSelector,
    ...withPrefix(conf, 'spark.kubernetes.node.selector.'),
    ...withPrefix(conf, 'spark.kubernetes.driver.node.selector.'),
  };
  const pullSecrets = listOf(conf, 'spark.kubernetes.container.image.pullSecrets').map((name) => ({ name }));
  const schedulerName = conf['spark.kubernetes.driver.scheduler.name'] ?? conf['spark.kubernetes.scheduler.name'];
  return {
    ...pod,
    restartPolicy: 'Never',
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(pullSecrets.length > 0 && { imagePullSecrets: [...(pod.imagePullSecrets ?? []), ...pullSecrets] }),
    ...(schedulerName !== undefined && { schedulerName }),
  };
}

function resources({ container }: DriverSpec, conf: SparkConf, memory: string): NonNullable<Container['resources']> {
  const cpuLimit = conf['spark.kubernetes.driver.limit.cores'];
  return {
    ...container.resources,
    requests: {
      ...container.resources?.requests,
      cpu: conf['spark.kubernetes.driver.request.cores'] ?? conf['spark.driver.cores'] ?? '1',
      memory,
    },
    limits: {
      ...container.resources?.limits,
      ...(cpuLimit !== undefined && { cpu: cpuLimit }),
      memory,
      ...customResources(conf),
    },
  };
}

/** `spark.driver.resource.gpu.{amount,vendor}` as limits on `vendor/gpu`. */
function customResources(conf: SparkConf): Record<string, string> {
  const prefix = 'spark.driver.resource.';
  const limits: Record<string, string> = {};
  for (const [name, amount] of Object.entries(withPrefix(conf, prefix))) {
    const resource = /^(.+)\.amount$/.exec(name)?.[1];
    if (resource === undefined) continue;
    const vendor = conf[`${prefix}${resource}.vendor`];
    if (vendor === undefined) {
      refuseInvalid(
        `${prefix}${resource}.vendor`,
        'it is missing',
        `Name the vendor of ${resource}, for example nvidia.com.`,
      );
    }
    limits[`${vendor}/${resource}`] = amount;
  }
  return limits;
}
