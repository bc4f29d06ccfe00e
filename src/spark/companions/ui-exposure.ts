import type { Ingress, KubernetesObject, Service } from '../../kubernetes/objects.ts';
import type { SparkApplication } from '../../manifest/spark-application.ts';
import type { UiExposure } from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { companionName } from '../application/companion-name.ts';

/** Where the UI of a driver is reached, by the objects that are created with it; undefined without a Service for it. */
export function uiExposure(
  { metadata: { name } }: SparkApplication,
  companions: readonly KubernetesObject[],
): UiExposure | undefined {
  const find = (kind: string, suffix: string): KubernetesObject | undefined =>
    companions.find((object) => object.kind === kind && object.metadata?.name === companionName(name, suffix));
  const service = find('Service', 'ui-svc') as Service | undefined;
  const port = service?.spec?.ports?.[0]?.port;
  if (service === undefined || port === undefined) return undefined;
  const ingress = find('Ingress', 'ui-ingress') as Ingress | undefined;
  return { service: service.metadata!.name!, port, ...present({ ingress: ingress?.metadata?.name }) };
}
