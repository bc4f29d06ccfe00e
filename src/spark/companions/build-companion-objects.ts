import type { Ingress, KubernetesObject, PodDisruptionBudget, Service } from '../../kubernetes/objects.ts';
import type { SparkApplication } from '../../manifest/spark-application.ts';
import type { SubmissionIdentity } from '../../protocol/submission-identity.ts';
import { podGroup } from '../application/batch-scheduler.ts';
import { companionName } from '../application/companion-name.ts';
import { monitoringConfigMap } from '../application/monitoring.ts';
import { portOf } from '../spark-conf.ts';
import { ingressAddress } from './ingress-address.ts';
import { withLabels } from '../driver/protection.ts';
import type { SparkSubmission } from '../submission.ts';
import { translating } from '../translating.ts';

export interface CompanionOptions {
  /**
   * Where Spark UIs are reachable from outside, for example `https://spark.example.org/{{$appNamespace}}/{{$appName}}`
   * (`{{$appId}}` too): creates an Ingress for each. @default none
   */
  readonly uiIngressUrl?: string;
  /** Class of the Ingresses. @default the cluster's */
  readonly ingressClassName?: string;
  /** A Service for the UI also of applications that have no `sparkUIOptions`. @default false */
  readonly uiServiceAlways?: boolean;
}

/**
 * The objects that the operator's controller creates with a driver: the ConfigMap of the metrics, Services and
 * Ingresses for the UI and other ports, a PodDisruptionBudget, a PodGroup. To be owned by the driver pod: see
 * `ownedBy`.
 *
 * @throws SubmissionRefused (not retryable), TranslationFailed
 */
export function buildCompanionObjects(
  application: SparkApplication,
  submission: SparkSubmission,
  identity: SubmissionIdentity,
  options: CompanionOptions = {},
): KubernetesObject[] {
  const { monitoring, batchScheduler } = application.spec;
  const companions = translating(() => [
    monitoring === undefined ? undefined : monitoringConfigMap(application),
    ...uiObjects(application, submission, identity, options),
    ...driverIngresses(application, identity, options),
    disruptionBudget(application, identity),
    batchScheduler === undefined ? undefined : podGroup(application, submission),
  ]);
  return companions.flatMap((companion) => (companion === undefined ? [] : [withLabels(companion, identity.labels)]));
}

type Exposure = Pick<
  NonNullable<SparkApplication['spec']['sparkUIOptions']>,
  'servicePortName' | 'serviceType' | 'serviceAnnotations' | 'serviceLabels' | 'ingressAnnotations' | 'ingressTLS'
>;

function uiObjects(
  application: SparkApplication,
  submission: SparkSubmission,
  identity: SubmissionIdentity,
  { ingressClassName, uiIngressUrl, uiServiceAlways = false }: CompanionOptions,
): KubernetesObject[] {
  const { metadata, spec } = application;
  const exposure = spec.sparkUIOptions;
  if (exposure === undefined && uiIngressUrl === undefined && !uiServiceAlways) return [];
  const targetPort = portOf(submission.conf, 'spark.ui.port') ?? 4040;
  const port = exposure?.servicePort ?? targetPort;
  const service = serviceFor(application, exposure ?? {}, {
    name: companionName(metadata.name, 'ui-svc'),
    portName: exposure?.servicePortName ?? 'spark-driver-ui-port',
    port,
    targetPort,
  });
  if (uiIngressUrl === undefined) return [service];
  const name = companionName(metadata.name, 'ui-ingress');
  return [
    service,
    ingressFor(application, identity, exposure ?? {}, { name, service, url: uiIngressUrl, ingressClassName }),
  ];
}

function driverIngresses(
  application: SparkApplication,
  identity: SubmissionIdentity,
  { ingressClassName }: CompanionOptions,
): KubernetesObject[] {
  const { metadata, spec } = application;
  return (spec.driverIngressOptions ?? []).flatMap((exposure) => {
    const { servicePort: port, servicePortName: portName, ingressURLFormat: url } = exposure;
    const service = serviceFor(application, exposure, {
      name: companionName(metadata.name, `driver-${port}`),
      portName,
      port,
      targetPort: port,
    });
    const name = companionName(metadata.name, `ing-${port}`);
    return [service, ingressFor(application, identity, exposure, { name, service, url, ingressClassName })];
  });
}

const driverSelector = ({ metadata }: SparkApplication): Record<string, string> => ({
  'sparkoperator.k8s.io/app-name': metadata.name,
  'spark-role': 'driver',
});

function serviceFor(
  application: SparkApplication,
  { serviceAnnotations, serviceLabels, serviceType }: Exposure,
  { name, port, portName, targetPort }: { name: string; portName: string; port: number; targetPort: number },
): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace: application.metadata.namespace,
      ...(serviceLabels && { labels: serviceLabels }),
      ...(serviceAnnotations && { annotations: serviceAnnotations }),
    },
    spec: {
      type: serviceType ?? 'ClusterIP',
      selector: driverSelector(application),
      ports: [{ name: portName, port, targetPort }],
    },
  };
}

interface IngressInput {
  readonly name: string;
  readonly service: Service;
  readonly url: string;
  readonly ingressClassName: string | undefined;
}

function ingressFor(
  application: SparkApplication,
  identity: SubmissionIdentity,
  { ingressAnnotations, ingressTLS }: Exposure,
  { ingressClassName, name, service, url }: IngressInput,
): Ingress {
  const { host, path } = ingressAddress(url, application, identity);
  const { metadata } = application;
  const isBelowRoot = path !== '/';
  const annotations = {
    ...ingressAnnotations,
    // The UI does not know the path under which it is served.
    ...(isBelowRoot && { 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' }),
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: metadata.namespace,
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: {
      ...(ingressClassName !== undefined && { ingressClassName }),
      rules: [
        {
          ...(host !== undefined && { host }),
          http: {
            paths: [
              {
                path: isBelowRoot ? `${path}(/|$)(.*)` : path,
                pathType: 'ImplementationSpecific',
                backend: {
                  service: { name: service.metadata!.name!, port: { number: service.spec!.ports![0]!.port } },
                },
              },
            ],
          },
        },
      ],
      ...(ingressTLS && { tls: ingressTLS }),
    },
  };
}

function disruptionBudget(
  application: SparkApplication,
  { driverPodName }: SubmissionIdentity,
): PodDisruptionBudget | undefined {
  if (application.spec.driverPodDisruptionBudget !== true) return undefined;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: driverPodName, namespace: application.metadata.namespace },
    spec: { minAvailable: 1, selector: { matchLabels: driverSelector(application) } },
  };
}
