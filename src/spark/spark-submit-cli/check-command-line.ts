import { present } from '../../validation/present.ts';
import type { SparkConf } from '../spark-conf.ts';
import { refuseInvalid, refuseLocalFile } from '../submission-refused.ts';
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
 * @throws SubmissionRefused (not retryable)
 */
export function checkCommandLine(commandLine: SparkSubmitCommandLine, files: SparkSubmitFiles): CheckedCommandLine {
  const { flags } = commandLine;
  for (const action of commandLine.otherActions) {
    refuseInvalid(`--${action}`, 'it submits nothing', `${otherActions[action]}.`);
  }
  const { conf, notes } = effectiveProperties(commandLine, files);
  const resource = checkedResource(commandLine.resource);
  const master = checkedMaster(conf['spark.master']);
  refuseUnsupported(conf, commandLine);
  const appName = conf['spark.app.name'] ?? flags.class ?? resource.slice(resource.lastIndexOf('/') + 1);
  return { conf, appName, resource, ...present({ master }), notes };
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

function refuseUnsupported(conf: SparkConf, { flags }: SparkSubmitCommandLine): void {
  const mode = conf['spark.submit.deployMode'] ?? 'cluster';
  if (mode !== 'cluster') {
    refuseInvalid(
      '--deploy-mode',
      `"${mode}" ${mode === 'client' ? 'would run the driver here' : 'is not a deploy mode'}`,
      'Give --deploy-mode cluster, or leave it out.',
    );
  }
  if (flags['proxy-user'] !== undefined && conf['spark.kerberos.principal'] !== undefined) {
    refuseInvalid('--proxy-user', '--principal is given too', 'Give one of them.');
  }
  if (conf['spark.kubernetes.namespace'] === '') {
    refuseInvalid('--conf spark.kubernetes.namespace', 'it is empty', 'Give it a name, or leave it out for "default".');
  }
  const keytab = conf['spark.kerberos.keytab'];
  if (keytab !== undefined && !/^local:/i.test(keytab)) {
    refuseLocalFile(
      '--keytab',
      `"${keytab}" is a file of the submitting machine`,
      'Mount the keytab from a Secret (--conf spark.kubernetes.driver.secrets.NAME=/path) and name it as local:///path',
    );
  }
}
