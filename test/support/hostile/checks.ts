import { readProgress } from '../../../src/activities/watch/spark-rest.ts';
import { failureCause } from '../../../src/failure-cause/index.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import { failureOfResponse } from '../../../src/kubernetes/errors/failure.ts';
import { parseManifest, parseManifests } from '../../../src/manifest/index.ts';
import { findLiteralSecrets } from '../../../src/manifest/literal-secrets.ts';
import { evaluate, ExpressionTypes, toExpressionValue } from '../../../src/manifest/pipeline/expression.ts';
import { renderApplication, templateTexts } from '../../../src/manifest/pipeline/template.ts';
import { readRunSettings } from '../../../src/manifest/run-settings.ts';
import { scheduleFault } from '../../../src/manifest/schedule.ts';
import { findRefusals } from '../../../src/spark/index.ts';
import { parseSparkSubmitArguments, toSparkApplication } from '../../../src/spark/spark-submit-cli/index.ts';
import { readJavaProperties } from '../../../src/spark/spark-submit-cli/java-properties.ts';
import { readRequest } from '../../../src/submitter-server/read-request.ts';
import { toSubmissionRequest } from '../../../src/submitter-server/to-submission-request.ts';
import { readYaml } from '../../../src/validation/yaml.ts';
import { chainOfStages, templateOfEachStage, textEverywhere, validWith, withMany } from './manifests.ts';
import { benignText, HOSTILE_UNITS, hostileText } from './texts.ts';

/** A check of what people send, and what it is measured with. */
export interface Check {
  readonly name: string;
  /** May throw: a refusal is an answer. */
  readonly run: (input: never) => unknown;
  /** Of the same size as the hostile ones: what it takes to read it. */
  readonly benign: (bytes: number) => unknown;
  readonly hostile: Readonly<Record<string, (bytes: number) => unknown>>;
}

/** One input for each unit, made of a text of so many parts of the bytes. */
function texts(parts: number, make: (text: string, unit: string) => unknown): Pick<Check, 'benign' | 'hostile'> {
  return {
    benign: (bytes) => make(benignText(bytes / parts), 'a'),
    hostile: Object.fromEntries(
      HOSTILE_UNITS.map((unit) => [
        JSON.stringify(unit),
        (bytes: number) => make(hostileText(unit, bytes / parts), unit),
      ]),
    ),
  };
}

const itself = (text: string): string => text;
const fromData = (manifest: unknown): unknown => parseManifest(manifest, { refusals: findRefusals });
const INGRESS = { servicePort: 1, servicePortName: 'a', ingressURLFormat: 'a' };
/** Bytes that a name of `withMany` takes, with what is around it. */
const PER_NAME = 20;
const many = (fields: (names: readonly string[]) => Record<string, unknown>) => (bytes: number) =>
  withMany(fields, bytes / PER_NAME);
const withSetting = (key: string, value: string): unknown => withMany(() => ({ sparkConf: { [key]: value } }), 0);
const record = (names: readonly string[], value: unknown): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, value]));

const scope = (bytes: number): Record<string, unknown> => ({
  params: { text: benignText(bytes / 2), list: Array.from({ length: bytes / 20 }, (_, index) => `item${index}`) },
  numbers: toExpressionValue(
    Array.from({ length: bytes / 20 }, (_, index) => index),
    'list<int>',
  ),
});
const evaluating = (expression: string) => (bytes: number) => ({ expression, scope: scope(bytes) });
const LINES_OF_LOGS = [
  'Exception in thread "main" a.B: c',
  'Caused by: a.B: Lost task 1.0 (): a.B: Lost task 1.0 (): c',
  '\tat a.b.C.d(E.java:1)',
  'Traceback (most recent call last):',
  '  File "/a.py", line 1, in f',
  'a.B: Traceback (most recent call last):',
  'The above exception was the direct cause of the following exception:',
  '26/11/30 11:50:09 ERROR Main: Traceback (most recent call last):',
  '{"ts":"1","level":"ERROR","msg":"',
];
const CALL = { verb: 'get', resource: 'pods/proxy', cluster: 'c' };
const STATUSES = [401, 403, 404, 409, 422, 500];
const DRIVER = { namespace: 'n', pod: 'p', port: 4040, applicationId: 'a' };
const COUNTS_OF_JOBS = ['numCompletedStages', 'numSkippedStages', 'numActiveStages'].concat(
  ['Tasks', 'CompletedTasks', 'SkippedTasks', 'ActiveTasks', 'FailedTasks'].map((name) => `num${name}`),
);
const FILES = { read: () => '', readDefaults: () => '' };

export const checks: readonly Check[] = [
  { name: 'a manifest with one text everywhere', run: fromData, ...texts(60, textEverywhere) },
  { name: 'a manifest with one text where any is allowed', run: fromData, ...texts(14, validWith) },
  {
    name: 'a manifest with many keys or items',
    run: (manifest: unknown) => parseManifest(manifest),
    benign: many((names) => ({ hadoopConf: record(names, 'a') })),
    hostile: {
      'unknown fields': many((names) => record(names, 1)),
      'unknown fields of a container': many((names) => ({
        driver: {
          sidecars: [
            {
              name: 'a',
              ...record(
                names.map((name) => `n${name}`),
                1,
              ),
            },
          ],
        },
      })),
      'denied secrets': many((names) => ({
        sparkConf: record(
          // Three times as long.
          names.slice(0, names.length / 3).map((name) => `spark.kubernetes.authenticate.submission.${name}.token`),
          'a',
        ),
      })),
      ingresses: many((names) => ({ driverIngressOptions: names.slice(0, names.length / 4).map(() => INGRESS) })),
      variables: many((names) => ({ driver: { env: names.map((name) => ({ name, value: 'a' })) } })),
      volumes: many((names) => ({ volumes: names.map((name) => ({ name })) })),
    },
  },
  {
    name: 'a pipeline',
    run: fromData,
    benign: (bytes) => chainOfStages(bytes / 60, () => []),
    hostile: {
      'a chain': (bytes) => chainOfStages(bytes / 60, (index) => (index === 0 ? [] : [`s${index - 1}`])),
      'unknown stages': (bytes) =>
        chainOfStages(1_000, () => Array.from({ length: bytes / 8_000 }, (_, index) => `t${index}`)),
      'a large template of each stage': (bytes) => templateOfEachStage(bytes / 4, bytes / 2_000),
      'many expressions': (bytes) => chainOfStages(1, () => ['${{a}}'.repeat(bytes / 15)]),
      'many cycles': (bytes) => chainOfStages(bytes / 4_000, (index) => ['s0', `s${index + 1}`]),
    },
  },
  {
    name: 'a setting of Spark',
    run: fromData,
    benign: (bytes) => withSetting('spark.a', benignText(0.8 * bytes)),
    hostile: Object.fromEntries(
      ['spark.task.maxFailures', 'spark.network.timeout', 'spark.driver.maxResultSize'].map((key) => [
        `digits of ${key}`,
        // A larger manifest is refused before.
        (bytes: number) => withSetting(key, '9'.repeat(0.8 * bytes)),
      ]),
    ),
  },
  { name: 'settings of a run', run: readRunSettings, ...texts(3, (text) => settings(text)) },
  { name: 'a schedule', run: scheduleFault, ...texts(1, itself) },
  { name: 'the rules for secrets', run: findLiteralSecrets, ...texts(3, secrets) },
  // The library takes microseconds for each token or error: a part of the size shows what is not linear.
  { name: 'a text of YAML', run: readYaml, ...texts(40, itself), benign: errors },
  { name: 'a value of YAML', run: readYaml, ...texts(40, (text) => `a: ${text}`), benign: errors },
  { name: 'a quoted value of YAML', run: readYaml, ...texts(40, (text) => `a: "${text}`), benign: errors },
  {
    name: 'a manifest as a text',
    run: (text: string) => parseManifests(text),
    benign: (bytes) => Array.from({ length: bytes / PER_NAME }, (_, index) => `- name${index}: ${index}\n`).join(''),
    hostile: {
      keys: (bytes) => Array.from({ length: bytes / PER_NAME }, (_, index) => `name${index}: ${index}\n`).join(''),
      'unknown fields': (bytes) =>
        `kind: SparkApplication\nspec:\n${Array.from({ length: bytes / PER_NAME }, (_, index) => ` name${index}: 1\n`).join('')}`,
      aliases: (bytes) =>
        Array.from({ length: bytes / 30 }, (_, index) => `a${index}: &a${index} 1\nb${index}: *a${index}\n`).join(''),
    },
  },
  {
    name: 'the types of an expression',
    run: (text: string) => ExpressionTypes.of({}).check(text),
    ...texts(1, itself),
  },
  {
    name: 'the expressions of a manifest',
    run: (text: string) => [templateTexts({ text }), renderApplication({ text }, () => 'a')],
    ...texts(1, itself),
  },
  {
    name: 'an expression',
    run: (input: { expression: string; scope: Record<string, unknown> }) => evaluate(input.expression, input.scope),
    benign: evaluating('params.text.contains("xyz") && !("xyz" in params.list)'),
    hostile: {
      'a search for each item': evaluating('params.list.filter(i, params.text.contains(i + "x"))'),
      'a list in a macro': evaluating('params.list.filter(i, !(i in params.list))'),
      'a comparison for each item': evaluating('params.list.exists(i, params.list == params.list.map(j, j))'),
      'an error for each item': evaluating('numbers.exists(i, i.missing == 1 || i.missing == 2)'),
      'a time zone for each item': evaluating(
        'numbers.filter(i, timestamp("2026-01-01T00:00:00Z").getHours("Europe/Zurich") == i)',
      ),
      'a split for each item': evaluating('params.list.filter(i, size(params.text.split("")) == 1)'),
      'a copy for each item': evaluating('params.list.map(i, params)'),
    },
  },
  {
    name: 'the body of a submission request',
    run: (body: Uint8Array) => toSubmissionRequest(readRequest(body, () => undefined)),
    // The server reads no more than a megabyte.
    ...texts(4, submissionBody),
  },
  {
    name: 'a command line of spark-submit',
    run: (args: string[]) => toSparkApplication(parseSparkSubmitArguments(args), FILES),
    ...texts(4, (text) => ['--master', 'k8s://https://a', '--name', text, '--conf', `spark.a=${text}`, text, text]),
  },
  {
    name: 'a master',
    run: (args: string[]) => toSparkApplication(parseSparkSubmitArguments(args), FILES),
    ...texts(1, (text) => ['--master', `k8s://${text}`, 'a.jar']),
  },
  {
    name: 'a refusal of an API server',
    run: (body: string) => STATUSES.map((status) => failureOfResponse(CALL, { status, headers: {}, body })),
    ...texts(2, (text) => JSON.stringify({ kind: 'Status', message: text, details: { causes: [{ message: text }] } })),
  },
  {
    name: 'an answer of a driver',
    run: (answer: string) => readProgress(answering(answer), DRIVER, new AbortController().signal),
    ...texts(1, (text) => JSON.stringify([{ stageId: 1, name: text, numTasks: 1, numCompleteTasks: 1 }])),
  },
  {
    name: 'the log of a driver',
    run: (log: string) => failureCause({ log, exitCode: 1 }),
    ...texts(1, itself),
    benign: (bytes) => 'a\n'.repeat(bytes / 2),
  },
  {
    name: 'the lines of a log',
    run: (log: string) => failureCause({ log, exitCode: 1 }),
    benign: (bytes) => '26/11/30 11:50:09 INFO Main: 1\n'.repeat(bytes / 31),
    hostile: Object.fromEntries(
      LINES_OF_LOGS.map((line) => [line, (bytes: number) => `${line}\n`.repeat(bytes / (line.length + 1))]),
    ),
  },
  {
    name: 'a long line of a log',
    run: (log: string) => failureCause({ log, exitCode: 1 }),
    benign: (bytes) => benignText(bytes),
    hostile: Object.fromEntries(
      LINES_OF_LOGS.map((line) => [line, (bytes: number) => line + hostileText(' at a: (', bytes)]),
    ),
  },
  {
    name: 'a properties file',
    run: readJavaProperties,
    ...texts(1, itself),
    benign: (bytes) => 'a\n'.repeat(bytes / 2),
  },
];

/** An error for each character: nothing takes the library longer. */
function errors(bytes: number): string {
  return hostileText('}', bytes / 40);
}

function settings(text: string): Record<string, string> {
  const names = ['restart-jitter', 'restart-retries', 'running-deadline'];
  return Object.fromEntries(names.map((name) => [`temporal-spark/${name}`, text]));
}

function secrets(text: string): Record<string, unknown> {
  return { arguments: [text], sparkConf: { [text]: 'a' }, driver: { env: [{ name: text, value: 'a' }] } };
}

function submissionBody(text: string): Uint8Array {
  const args = ['--master', 'k8s://https://a', '--name', text, '--conf', `spark.a=${text}`, text];
  return new TextEncoder().encode(JSON.stringify({ submission_id: 'a', spark_submit_args: args }));
}

/** Its jobs are made of numbers; only the name of a stage is a text. */
function answering(stages: string): KubernetesClient {
  const jobs = JSON.stringify([
    Object.fromEntries([['stageIds', [1]], ...COUNTS_OF_JOBS.map((name): [string, unknown] => [name, 1])]),
  ]);
  const getFromPod: KubernetesClient['getFromPod'] = async (_namespace, _pod, _port, path) =>
    path.includes('/jobs') ? jobs : stages;
  return { getFromPod } as KubernetesClient;
}
