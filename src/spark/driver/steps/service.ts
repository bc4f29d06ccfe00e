import type { Service } from '../../../kubernetes/objects.ts';
import { booleanOf, listOf, withPrefix } from '../../spark-conf.ts';
import { driverLabels, driverPorts } from '../endpoint.ts';
import { addDependents, addProperties, type FeatureStep } from '../driver-spec.ts';
import { refuseInvalid } from '../../submission-refused.ts';

const PREFIX = 'spark.kubernetes.driver.service.';

/** The headless service by which executors find their driver. */
export const serviceStep: FeatureStep = {
  className: 'DriverServiceFeatureStep',
  apply(driver, context) {
    const { conf, identity, rules, submission } = context;
    if (conf['spark.driver.bindAddress'] !== undefined) {
      refuseInvalid('spark.driver.bindAddress', "it is always the driver pod's address", 'Leave it out.');
    }
    const name = `${identity.resourceNamePrefix}-driver-svc`;
    const ports = driverPorts(conf, rules);
    const annotations = withPrefix(conf, `${PREFIX}annotation.`);
    const ipFamilies = listOf(conf, `${PREFIX}ipFamilies`);
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name,
        namespace: submission.namespace,
        labels: { ...withPrefix(conf, `${PREFIX}label.`), 'spark-app-selector': identity.sparkApplicationId },
        ...(Object.keys(annotations).length > 0 && { annotations }),
      },
      spec: {
        clusterIP: 'None',
        ipFamilyPolicy: conf[`${PREFIX}ipFamilyPolicy`] ?? 'SingleStack',
        ipFamilies: ipFamilies.length > 0 ? ipFamilies : ['IPv4'],
        selector: driverLabels(context),
        ports: ports.all.map((port) => ({ ...port, targetPort: port.port })),
        ...(rules.publishNotReadyAddresses && {
          publishNotReadyAddresses: booleanOf(conf, `${PREFIX}publishNotReadyAddresses`, false),
        }),
      },
    };
    return addProperties(addDependents(driver, service), {
      'spark.driver.host': `${name}.${submission.namespace}.svc`,
      'spark.driver.port': String(ports.driver),
      'spark.driver.blockManager.port': String(ports.blockManager),
    });
  },
};
