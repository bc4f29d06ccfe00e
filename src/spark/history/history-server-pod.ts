import type { Pod, PodSpec, Volume } from '../../kubernetes/objects.ts';
import { present } from '../../validation/present.ts';
import type { DriverObjects } from '../driver/build-driver-objects.ts';
import { chosen, surroundingsOf, type DriverSurroundings } from '../driver/surroundings.ts';
import { writeProperties } from '../driver/write-properties.ts';
import { Label } from '../metadata.ts';
import { withPrefix, type SparkConf } from '../spark-conf.ts';
import { eventLogUri, eventLogVolume } from './event-log.ts';

/** The attempt whose event log a pod shows. Not the label of what belongs to a driver, which this pod does not. */
export const HISTORY_SERVER = 'temporal-spark/history-server';

/** Its pod ends by itself after that many seconds. */
export const HISTORY_SERVER_SECONDS = 8 * 60 * 60;

export const HISTORY_SERVER_PORT = 18_080;

export interface HistoryServerOptions {
  /** Of the pod. */
  readonly name: string;
  readonly namespace: string;
  readonly applicationName: string;
  readonly submissionId: string;
  /** `spark.eventLog.dir` of the driver. */
  readonly eventLogDir: string;
  /** Of the driver. */
  readonly conf: SparkConf;
  /** As they were built for the driver. */
  readonly driver: DriverObjects;
  /** The pod of the driver, where it still exists: its node rules, with those of the workers' placement, are used. */
  readonly existing?: Pod;
}

const PROPERTIES = 'temporal-spark/history-properties';
const PROPERTIES_FILE = 'history.properties';
const PROPERTIES_PATH = '/temporal-spark/history';
const NODE_RULES = ['nodeSelector', 'tolerations', 'affinity'] as const;

/**
 * A pod that runs Spark's History Server from the application's image, on the driver's nodes, as its service account, and
 * with its volumes, its environment and the configuration of its file systems.
 *
 * @throws EventLogLost where no other pod can read the event log
 */
export function historyServerPod(options: HistoryServerOptions): Pod {
  const { name, namespace, applicationName, submissionId, driver, existing } = options;
  const given = surroundingsOf(driver, isKept);
  const dir = eventLogUri(options.eventLogDir);
  const isOnHost = eventLogVolume(dir, given)?.hostPath !== undefined;
  const node = isOnHost ? existing?.spec?.nodeName : undefined;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { [HISTORY_SERVER]: submissionId, [Label.AppName]: applicationName },
      annotations: {
        'sidecar.istio.io/inject': 'false',
        [PROPERTIES]: writeProperties(propertiesOf(options.conf, dir), 'of the history server'),
      },
    },
    spec: {
      ...given.spec,
      ...placed(given.spec, existing?.spec, node),
      restartPolicy: 'Never',
      activeDeadlineSeconds: HISTORY_SERVER_SECONDS,
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      containers: [container(given)],
      volumes: [
        ...given.volumes,
        {
          name: 'history-properties',
          downwardAPI: {
            items: [{ path: PROPERTIES_FILE, fieldRef: { fieldPath: `metadata.annotations['${PROPERTIES}']` } }],
          },
        },
      ],
    },
  };
}

/** An ephemeral volume is a new claim for each pod, and scratch space holds no event log. */
const isKept = ({ name, ephemeral }: Volume): boolean =>
  ephemeral === undefined && !name.startsWith('spark-local-dir-');

/** What the file systems need, which is the driver's, and what the server does. */
function propertiesOf(conf: SparkConf, dir: string): Record<string, string> {
  const ofHadoop = withPrefix(conf, 'spark.hadoop.');
  return {
    ...Object.fromEntries(Object.entries(ofHadoop).map(([key, value]) => [`spark.hadoop.${key}`, value])),
    'spark.history.fs.logDirectory': dir,
    'spark.history.fs.update.interval': '5s',
    'spark.history.fs.cleaner.enabled': 'false',
    'spark.history.ui.port': String(HISTORY_SERVER_PORT),
  };
}

function container({ container: driver }: DriverSurroundings): PodSpec['containers'][number] {
  return {
    ...driver,
    name: 'history-server',
    // Arguments only: the image is started as the driver starts it, and passes on what it does not know.
    args: [
      '/opt/spark/bin/spark-class',
      'org.apache.spark.deploy.history.HistoryServer',
      '--properties-file',
      `${PROPERTIES_PATH}/${PROPERTIES_FILE}`,
    ],
    env: [...(driver.env ?? []), { name: 'SPARK_DAEMON_MEMORY', value: '1g' }],
    ports: [{ name: 'history-ui', containerPort: HISTORY_SERVER_PORT }],
    volumeMounts: [
      ...(driver.volumeMounts ?? []),
      { name: 'history-properties', mountPath: PROPERTIES_PATH, readOnly: true },
    ],
    resources: { requests: { cpu: '200m', memory: '512Mi' }, limits: { memory: '1536Mi' } },
    // The end of its log explains a failed start without the right to read logs.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

/** The node rules of the driver, and the node that has its files. */
function placed(
  built: DriverSurroundings['spec'],
  existing: PodSpec | undefined,
  node: string | undefined,
): Pick<Partial<PodSpec>, (typeof NODE_RULES)[number]> {
  const { affinity, ...rules } = chosen<Partial<PodSpec>, (typeof NODE_RULES)[number]>(existing ?? built, NODE_RULES);
  const own = node === undefined ? affinity : onNode(affinity, node);
  return { ...rules, ...present({ affinity: own }) };
}

/** Terms are alternatives: each gets the node. */
function onNode(affinity: PodSpec['affinity'], node: string): NonNullable<PodSpec['affinity']> {
  const { nodeAffinity } = affinity ?? {};
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [{}];
  const isNode = { key: 'metadata.name', operator: 'In', values: [node] };
  return {
    ...affinity,
    nodeAffinity: {
      ...nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map((term) => ({ ...term, matchFields: [...(term.matchFields ?? []), isNode] })),
      },
    },
  };
}
