import { formatProblems, type ManifestProblem } from '../../../manifest/index.ts';
import {
  sparkSubmitFlags,
  type SparkSubmitCommandLine,
  type SparkSubmitFlag,
  type SparkSubmitFlagName,
} from '../../../spark/spark-submit-cli/flags.ts';
import type { FoundProblem } from '../../../validation/problem.ts';
import { pathText } from '../../../validation/problems.ts';

/** The options of spark-submit that become fields of the manifest. */
const options: Readonly<Record<string, string>> = {
  'metadata.name': '--name',
  'metadata.namespace': '--conf spark.kubernetes.namespace',
  'spec.sparkVersion': '--spark-version',
  'spec.image': '--conf spark.kubernetes.container.image',
  'spec.driver.image': '--conf spark.kubernetes.driver.container.image',
  'spec.executor.image': '--conf spark.kubernetes.executor.container.image',
  'spec.driver.serviceAccount': '--conf spark.kubernetes.authenticate.driver.serviceAccountName',
  'spec.executor.serviceAccount': '--conf spark.kubernetes.authenticate.executor.serviceAccountName',
  'spec.driver.kubernetesMaster': '--conf spark.kubernetes.driver.master',
  'spec.mainClass': '--class',
  'spec.mainApplicationFile': 'the application',
  'spec.proxyUser': '--proxy-user',
};

/** Remedies of a manifest, and what does the same on a command line. */
const remedies: readonly (readonly [field: string, option: string])[] = [
  ['annotate metadata with temporal-spark/allow-literal-secrets: "true"', 'give --allow-literal-secrets'],
  [
    'Set spec.image, spec.driver.image or this key, or have a default of the workers set it (docs/defaults.md).',
    'Give --conf spark.kubernetes.container.image=spark:4.1.4.',
  ],
];

/** The problems of the manifest that a command line became, in words of the command line. */
export function inOptions(
  problems: readonly (FoundProblem | ManifestProblem)[],
  commandLine: SparkSubmitCommandLine,
): string {
  const text = problems
    .map(
      (problem) =>
        `spark-submit: ${formatProblems([{ ...problem, document: 1, pathText: inOption(problem, commandLine) }])}`,
    )
    .join('\n');
  return remedies.reduce((shown, [field, option]) => shown.replaceAll(field, option), text);
}

function inOption({ path }: FoundProblem, { flags }: SparkSubmitCommandLine): string {
  const [, field, key, ...rest] = path;
  const known = options[pathText(path)];
  if (known !== undefined) return known;
  if (field === 'sparkConf' && key !== undefined) {
    const flag = Object.entries<SparkSubmitFlag>(sparkSubmitFlags).find(([, { key: its }]) => its === key)?.[0];
    return flag !== undefined && flags[flag as SparkSubmitFlagName] !== undefined
      ? `--${flag}`
      : `--conf ${String(key)}`;
  }
  if (field === 'arguments' && typeof key === 'number') return `argument ${key + 1} of the application`;
  if (key !== 'template') return pathText(path);
  const template = field === 'driver' || field === 'executor' ? rest : [];
  return `--conf spark.kubernetes.${String(field)}.podTemplateFile: ${template.join('.')}`;
}
