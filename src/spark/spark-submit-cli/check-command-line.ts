import { present } from '../../validation/present.ts';
import type { SparkConf } from '../spark-conf.ts';
import { refuseInvalid, refuseLocalFile, SubmissionRefused } from '../submission-refused.ts';
import { otherActions, type SparkSubmitCommandLine } from './flags.ts';
import { effectiveProperties, type SparkSubmitFiles } from './effective-properties.ts';

/** The meaning of a command line, for both translations. */
export interface CheckedCommandLine {
  readonly conf: SparkConf;
  /** `spark.app.name`, as spark-submit derives it where it is not given. */
  readonly appName: string;
  /** Jar, Python or R file. */
  readonly resource: string;
  /** URL of the API server: what is behind `k8s://`, with the scheme that Spark adds. Absent where none is given. */
  readonly master?: string;
  /** Notes for the user. */
  readonly notes: readonly string[];
}

/** How spark-submit itself reaches the cluster; not used by callers with their own credentials. */
export const SUBMITTERS_OWN = /^spark\.kubernetes\.(?:authenticate\.submission\.|context$)/;

/**
 * Reads a command line as spark-submit would, and refuses what cannot run here.
 *
 * @throws SubmissionRefused (not retryable) with everything that is refused
 */
export function checkCommandLine(commandLine: SparkSubmitCommandLine, files: SparkSubmitFiles): CheckedCommandLine {
  const { flags } = commandLine;
  for (const action of commandLine.otherActions) {
    refuseInvalid(`--${action}`, 'it submits nothing', `${otherActions[action]}.`);
  }
  const { conf, notes } = effectiveProperties(commandLine, files);
  const refusals: SubmissionRefused[] = [];
  const resource = collecting(refusals, () => checkedResource(commandLine.resource)) ?? '';
  const master = collecting(refusals, () => checkedMaster(conf['spark.master']));
  for (const check of unsupported) collecting(refusals, () => check(conf, commandLine));
  const [first, ...others] = refusals.map(({ otherKey, ...refusal }) => ({ ...refusal, ...present({ otherKey }) }));
  if (first !== undefined) throw new SubmissionRefused(first, ...others);
  const appName = conf['spark.app.name'] ?? flags.class ?? resource.slice(resource.lastIndexOf('/') + 1);
  return { conf, appName, resource, ...present({ master }), notes };
}

function collecting<T>(refusals: SubmissionRefused[], check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof SubmissionRefused)) throw error;
    refusals.push(error);
    return undefined;
  }
}

function checkedResource(resource: string | undefined): string {
  if (resource === undefined || resource === '') {
    return refuseInvalid(
      'spark-submit',
      'the application is missing',
      'End the flags with a jar, Python or R file, for example local:///opt/app.jar.',
    );
  }
  if (['spark-shell', 'pyspark-shell', 'sparkr-shell'].includes(resource)) {
    refuseInvalid(resource, 'an interactive shell has no driver in the cluster', 'Run it with Spark itself.');
  }
  return resource;
}

function checkedMaster(master: string | undefined): string | undefined {
  if (master === undefined) return undefined;
  const remedy = 'Give --master k8s://https://host:port.';
  const url = /^k8s:\/\/((?:https?:\/\/)?)([^\s/:]+|\[[0-9a-fA-F:]+\])((?::\d{1,5})?(?:\/\S*)?)$/.exec(master);
  if (url === null) return refuseInvalid('--master', `"${master}" is not the address of a Kubernetes cluster`, remedy);
  return `${url[1]! || 'https://'}${url[2]!}${url[3]!}`;
}

type Check = (conf: SparkConf, commandLine: SparkSubmitCommandLine) => void;

/** What Spark accepts, or refuses itself, and cannot run here. */
const unsupported: readonly Check[] = [
  ({ 'spark.submit.deployMode': mode = 'cluster' }) => {
    if (mode === 'cluster') return;
    refuseInvalid(
      '--deploy-mode',
      `"${mode}" ${mode === 'client' ? 'would run the driver here' : 'is not a deploy mode'}`,
      'Give --deploy-mode cluster, or leave it out.',
    );
  },
  (conf, { flags }) => {
    if (flags['proxy-user'] === undefined || conf['spark.kerberos.principal'] === undefined) return;
    refuseInvalid('--proxy-user', '--principal is given too', 'Give one of them.');
  },
  ({ 'spark.kubernetes.namespace': namespace }) => {
    if (namespace !== '') return;
    refuseInvalid('--conf spark.kubernetes.namespace', 'it is empty', 'Give it a name, or leave it out for "default".');
  },
  ({ 'spark.kerberos.keytab': keytab }) => {
    if (keytab === undefined || /^local:/i.test(keytab)) return;
    refuseLocalFile(
      '--keytab',
      `"${keytab}" is a file of the submitting machine`,
      'Mount the keytab from a Secret (--conf spark.kubernetes.driver.secrets.NAME=/path) and name it as local:///path',
    );
  },
];
